import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import { statusOf } from '../../api/answers.ts';
import { BackupError, toMessage } from '../../errors.ts';
import type { Comer, Door } from '../access/door.ts';
import { signOut, type Session } from '../access/session.ts';
import { readBody } from '../read-body.ts';
import { asset } from './assets.ts';
import { routed } from './routes.ts';
import { inShell, safe, seeOther } from './shell.ts';
import { signInPage } from './sign-in.ts';
import type { Site } from './site.ts';
import { trouble } from './trouble.ts';
import type { Visitor } from './visitor.ts';

/** A request, and what it is answered with. */
interface Call {
  site: Site;
  door: Door;
  request: HttpRequest;
  url: URL;
  /** says something in the log */
  warn: (sentence: string) => void;
}

/** bytes of a form */
const longestForm = 20_000;

/** Answers every address of the page. What goes wrong is said by a page too; nothing of an unexpected error is shown there. */
export async function openPage(
  site: Site,
  door: Door,
  request: HttpRequest,
  warn: Call['warn'],
): Promise<HttpResponseInit> {
  const call = { site, door, request, url: new URL(request.url), warn };
  return atTheDoor(call).catch(inTrouble(call));
}

/** Git and other programs know nothing of signing in by a page: git would follow the way there, and call it a broken repository. */
const forPrograms = /^\/(?:api|archive\.git)(?:\/|$)|\/(?:info\/refs|git-upload-pack|git-receive-pack|info\/lfs\/.*)$/i;
const nothingForPrograms =
  'There is nothing at this address. git clones /archive.git, and docs/http.md says what /api/ answers.\n';
const plainText = { ...safe, 'content-type': 'text/plain; charset=utf-8' };

async function atTheDoor(call: Call): Promise<HttpResponseInit> {
  const { door, request, url } = call;
  const session = await door.session(comerOf(request));
  if (session === 'closed') return { status: 404 };
  if (forPrograms.test(url.pathname)) return { status: 404, body: nothingForPrograms, headers: plainText };
  const file = asset(url.pathname);
  if (file !== undefined) return file;
  const form = request.method === 'POST' ? await readForm(request) : new URLSearchParams();
  if (form === undefined)
    return inShell(trouble(413, new BackupError('USAGE', `The form has more than ${longestForm} bytes.`)));
  if (url.pathname === '/sign-in') return signIn(call, form, session);
  if (session === undefined) return toSignIn(request, url);
  const signedIn: Visitor['signedIn'] = door.hasKeys && (session.byMicrosoft === true ? 'microsoft' : 'key');
  const visitor = { role: session.role, token: session.csrf, signedIn };
  return inside(call, session, visitor, form).catch(inTrouble(call, visitor));
}

async function inside(call: Call, session: Session, visitor: Visitor, form: URLSearchParams) {
  const { site, door, request, url } = call;
  const { method, headers } = request;
  if (method === 'POST' && !door.isOwn(session, comerOf(request), form.get('token') ?? ''))
    throw new BackupError('ACCESS_DENIED', 'This does not come from this page, or from one that is too old.');
  if (url.pathname === '/sign-out' && method === 'POST') return seeOther('/sign-in', { 'set-cookie': signOut() });
  return routed({ site, visitor, query: url.searchParams, headers, form }, method, url.pathname);
}

/** A page of what went wrong. What nobody foresaw goes into the log. */
function inTrouble({ warn }: Call, visitor?: Visitor): (error: unknown) => HttpResponseInit {
  return (error) => {
    if (error instanceof BackupError) return inShell(trouble(statusOf(error), error), visitor);
    warn(toMessage(error));
    return inShell(trouble(500, new BackupError('INTERNAL', 'Something unexpected happened.')), visitor);
  };
}

async function readForm({ body }: HttpRequest): Promise<URLSearchParams | undefined> {
  const bytes = await readBody(body, longestForm);
  return bytes && new URLSearchParams(bytes.toString());
}

function comerOf({ headers }: HttpRequest): Comer {
  return {
    cookie: headers.get('cookie'),
    fetchSite: headers.get('sec-fetch-site'),
    origin: headers.get('origin'),
    // Never by `request.user`: it believes this header wherever it comes from.
    principal: headers.get('x-ms-client-principal'),
  };
}

/** A path of this page, and never another host: `//host` is one. */
function ownPath(path: string | null): string {
  return path !== null && /^\/(?![/\\])[\x21-\x7e]{0,1000}$/.test(path) ? path : '/';
}

async function signIn(
  { door, request, url, warn }: Call,
  form: URLSearchParams,
  session: Session | undefined,
): Promise<HttpResponseInit> {
  if (!door.hasKeys) return seeOther('/');
  const comer = comerOf(request);
  const next = ownPath((request.method === 'POST' ? form : url.searchParams).get('next'));
  const hasMicrosoft = door.hasMicrosoft === true;
  const asking = { next, hasMicrosoft, isStranger: hasMicrosoft && comer.principal !== null && session === undefined };
  if (request.method !== 'POST') return inShell(signInPage({ ...asking, failed: undefined }));
  const entered = await door.enter(comer, form.get('key') ?? '');
  if (typeof entered === 'number') {
    warn('Somebody tried a wrong key on the page.');
    return inShell(signInPage({ ...asking, failed: entered }));
  }
  return seeOther(next, { 'set-cookie': entered.cookie });
}

function toSignIn({ method }: HttpRequest, { pathname, search }: URL): HttpResponseInit {
  if (pathname.endsWith('/progress')) return { status: 401, headers: { ...safe } };
  return seeOther(
    `/sign-in${method === 'POST' || pathname === '/' ? '' : `?next=${encodeURIComponent(pathname + search)}`}`,
  );
}
