import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import { statusOf } from '../../api/answers.ts';
import { BackupError } from '../../errors.ts';
import type { Comer, Door } from '../access/door.ts';
import { signOut, type Session } from '../access/session.ts';
import { asset } from './assets.ts';
import { differencesPage } from './differences.ts';
import { itemPage } from './item.ts';
import { itemsPage } from './items.ts';
import { progressJson } from './outcome.ts';
import { overview } from './overview.ts';
import { pictureAnswer } from './picture.ts';
import { runPage } from './run.ts';
import { runsPage } from './runs.ts';
import { inShell, safe, seeOther, type Page } from './shell.ts';
import { signInPage } from './sign-in.ts';
import type { Site } from './site.ts';
import { trouble } from './trouble.ts';
import type { Visitor } from './visitor.ts';
import { warningsPage } from './warnings.ts';

/** A request to the page, taken apart. */
interface Asked {
  site: Site;
  visitor: Visitor;
  query: URLSearchParams;
  /** what stands in the address where the route has `*` */
  parts: string[];
  headers: HttpRequest['headers'];
}

type Route = [
  method: 'GET' | 'POST',
  path: string,
  answer: (asked: Asked) => Promise<Page | HttpResponseInit | undefined>,
];

/** Every address of the page; `*` is one part of it, `**` all the rest. */
const routes: readonly Route[] = [
  ['GET', '/', ({ site, visitor }) => overview(site, visitor)],
  ['GET', '/items', ({ site, query }) => itemsPage(site, query)],
  ['GET', '/items/*', ({ site, parts: [id = ''], query }) => itemPage(site, id, query)],
  ['GET', '/items/*/differences', ({ site, parts: [id = ''], query }) => differencesPage(site, id, query)],
  ['GET', '/items/*/picture/*/**', ({ site, parts: [id = '', at = '', path = ''] }) => picture(site, id, at, path)],
  ['GET', '/items/*/zip/*', ({ site, parts: [id = '', at = ''] }) => site.items.zip(id, at)],
  [
    'GET',
    '/items/*/files/*/**',
    ({ site, headers, parts: [id = '', at = '', path = ''] }) => site.items.part(id, at, path, headers.get('range')),
  ],
  ['GET', '/runs', ({ site, visitor, query }) => runsPage(site, visitor, query)],
  ['POST', '/runs', ({ site }) => start(site)],
  ['GET', '/runs/*', ({ site, visitor, parts: [id = ''], query }) => runPage(site, visitor, id, query)],
  ['GET', '/runs/*/progress', ({ site, parts: [id = ''] }) => progress(site, id)],
  ['POST', '/runs/*/end', ({ site, parts: [id = ''] }) => end(site, id)],
  ['GET', '/warnings', ({ site }) => warningsPage(site)],
];

/** Says something in the log. */
type Warn = (sentence: string) => void;

/** bytes of a form */
const longestForm = 10_000;

/** Answers every address of the page. What is not there is said by a page too; nothing of an unexpected error is shown. */
export async function openPage(site: Site, door: Door, request: HttpRequest, warn: Warn): Promise<HttpResponseInit> {
  const url = new URL(request.url);
  if (/^\/(api|archive\.git)(\/|$)/i.test(url.pathname)) return { status: 404 };
  const session = await door.session(comerOf(request));
  if (session === 'closed') return { status: 404 };
  const shown = asset(url.pathname);
  if (shown !== undefined) return shown;
  const form = request.method === 'POST' ? await readForm(request) : new URLSearchParams();
  if (url.pathname === '/sign-in') return signIn(door, request, form, warn);
  if (session === undefined) return toSignIn(request, url);
  const visitor = { role: session.role, token: session.csrf, signedIn: door.hasKeys };
  try {
    if (request.method === 'POST') mustBeOwn(door, session, request, form);
    if (url.pathname === '/sign-out' && request.method === 'POST')
      return seeOther('/sign-in', { 'set-cookie': signOut() });
    return await routed(
      { site, visitor, query: url.searchParams, headers: request.headers },
      request.method,
      url.pathname,
    );
  } catch (error) {
    const known = error instanceof BackupError ? error : new BackupError('INTERNAL', 'Something unexpected happened.');
    return inShell(trouble(error instanceof BackupError ? statusOf(error) : 500, known), visitor);
  }
}

async function routed(asked: Omit<Asked, 'parts'>, method: string, pathname: string): Promise<HttpResponseInit> {
  const wanted = method === 'HEAD' ? 'GET' : method;
  for (const [each, path, answer] of routes) {
    const parts = each === wanted ? partsOf(path, pathname) : undefined;
    if (parts === undefined) continue;
    if (each === 'POST' && asked.visitor.role !== 'operator') throw forbidden('Only an operator may do this.');
    const answered = await answer({ ...asked, parts });
    if (answered === undefined) break;
    return 'title' in answered ? inShell(answered, asked.visitor) : answered;
  }
  const hint = 'Look for it among the items or the runs.';
  return inShell(trouble(404, new BackupError('USAGE', 'Nothing has this address.', { hint })), asked.visitor);
}

/** What stands where the route has a star; undefined when the path is of another route. */
function partsOf(route: string, pathname: string): string[] | undefined {
  const [want, have] = [route.split('/').filter(Boolean), pathname.split('/').filter(Boolean)];
  const isOpen = want.at(-1) === '**';
  if (isOpen ? have.length < want.length : have.length !== want.length) return undefined;
  const parts: string[] = [];
  for (const [n, part] of want.entries()) {
    if (part === '**') parts.push(have.slice(n).map(decoded).join('/'));
    else if (part === '*') parts.push(decoded(have[n] ?? ''));
    else if (part !== have[n]) return undefined;
  }
  return parts;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw new BackupError('USAGE', 'The address is not one of this page.', { hint: 'Copy it anew.', cause });
  }
}

async function readForm(request: HttpRequest): Promise<URLSearchParams> {
  const text = await request.text();
  return new URLSearchParams(text.length > longestForm ? '' : text);
}

function comerOf({ headers }: HttpRequest): Comer {
  return { cookie: headers.get('cookie'), fetchSite: headers.get('sec-fetch-site'), origin: headers.get('origin') };
}

function mustBeOwn(door: Door, session: Session, request: HttpRequest, form: URLSearchParams): void {
  if (!door.isOwn(session, comerOf(request), form.get('token') ?? ''))
    throw forbidden('This does not come from this page, or from one that is too old.');
}

function forbidden(message: string): BackupError {
  return new BackupError('ACCESS_DENIED', message);
}

/** A path of this page, and never another host: `//host` is one. */
function ownPath(path: string | null): string {
  return path !== null && /^\/(?![/\\])[\x21-\x7e]{0,1000}$/.test(path) ? path : '/';
}

async function signIn(door: Door, request: HttpRequest, form: URLSearchParams, warn: Warn): Promise<HttpResponseInit> {
  if (!door.hasKeys) return seeOther('/');
  if (request.method !== 'POST')
    return inShell(signInPage({ next: ownPath(new URL(request.url).searchParams.get('next')), failed: undefined }));
  const next = ownPath(form.get('next'));
  const entered = await door.enter(comerOf(request), form.get('key') ?? '');
  if (typeof entered === 'number') {
    warn('Somebody tried a wrong key on the page.');
    return inShell(signInPage({ next, failed: entered }));
  }
  return seeOther(next, { 'set-cookie': entered.cookie });
}

function toSignIn({ method }: HttpRequest, { pathname, search }: URL): HttpResponseInit {
  if (pathname.endsWith('/progress')) return { status: 401, headers: { ...safe } };
  return seeOther(
    `/sign-in${method === 'POST' || pathname === '/' ? '' : `?next=${encodeURIComponent(pathname + search)}`}`,
  );
}

async function picture(site: Site, id: string, at: string, path: string): Promise<HttpResponseInit> {
  const { status, body } = await site.items.part(id, at, path, null);
  return (status === 200 && body instanceof Uint8Array && pictureAnswer(body)) || { status: 404, headers: { ...safe } };
}

async function progress(site: Site, id: string): Promise<HttpResponseInit | undefined> {
  const run = await site.run(id);
  return run && { status: 200, jsonBody: progressJson(run), headers: { ...safe } };
}

async function start(site: Site): Promise<HttpResponseInit> {
  const started = await site.start();
  // Of two who press at once the second is led to the run of the first.
  return seeOther(`/runs/${started.runId}`);
}

async function end(site: Site, id: string): Promise<HttpResponseInit> {
  await site.end(id);
  return seeOther(`/runs/${encodeURIComponent(id)}`);
}
