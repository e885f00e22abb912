import { z } from 'zod';
import type { Clock } from '../../clock.ts';
import { isCode } from '../../errors.ts';
import type { Credentials } from '../../settings/credentials.ts';
import { didSay, PortalError, type Said } from './portal-error.ts';
import { referer } from './call.ts';
import { isAtTheDoor, signInHint } from './refused-sign-in.ts';
import { type Wire } from './wire.ts';

/** A token as the portal gave it. */
export interface Token {
  value: string;
  /** epoch ms; Infinity for an API key */
  expires: number;
}

/** Minutes. Long enough for most runs; a longer run signs in again. */
const lifetime = 720;

// It goes into a header.
const word = z.string().regex(/^[\x21-\x7e]{1,8192}$/);
const generated = z.object({ token: word, expires: z.number() });
const granted = z.object({ access_token: word, expires_in: z.number() });

/**
 * Signs in, explicitly: rest-js's managers go on anonymously when this fails (arcgis-rest.md 9.2), and an anonymous
 * listing looks like an empty one. Throws AUTH_SIGN_IN when the portal refuses the credentials; PORTAL_UNREACHABLE, PORTAL_ANSWER,
 * PORTAL_ERROR when it fails over them.
 * @param root of the portal's REST API: …/sharing/rest
 * @param tries how often it is asked that does not answer; as usual unless given
 */
export async function signIn(
  wire: Wire,
  root: string,
  credentials: Credentials,
  clock: Clock,
  tries?: number,
): Promise<Token> {
  if (credentials.kind === 'key') {
    const value = word.safeParse(credentials.apiKey.reveal()).data;
    if (value !== undefined) return { value, expires: Infinity };
    throw new PortalError('AUTH_SIGN_IN', 'ARCGIS_API_KEY has characters that no key has.', {
      hint: signInHint('key', ''),
    });
  }
  try {
    return credentials.kind === 'app'
      ? await grant(wire, root, credentials, clock, tries)
      : await generate(wire, root, credentials, tries);
  } catch (error) {
    if (!isCode(error, 'PORTAL_ERROR', 'PORTAL_REFUSED', 'AUTH_ANONYMOUS') || didSay(error, isFailure)) throw error;
    if (error instanceof PortalError && isAtTheDoor(error)) throw error;
    const message = withoutSecret(error.message, credentials);
    throw new PortalError('AUTH_SIGN_IN', message, { hint: signInHint(credentials.kind, message) });
  }
}

/** It fails over the question, which is no answer to it. */
const isFailure = ({ code }: Said) => code >= 500;

/** What the portal says of a sign-in may quote what it was asked with. */
function withoutSecret(message: string, credentials: Exclude<Credentials, { kind: 'key' }>): string {
  const secret = (credentials.kind === 'app' ? credentials.clientSecret : credentials.password).reveal();
  if (secret === '') return message;
  return [secret, encodeURIComponent(secret)].reduce((text, form) => text.replaceAll(form, '[redacted]'), message);
}

/** https://developers.arcgis.com/rest/users-groups-and-items/generate-token/ */
async function generate(
  wire: Wire,
  root: string,
  { username, password }: Extract<Credentials, { kind: 'password' }>,
  tries: number | undefined,
) {
  const what = `Signing in as ${username}`;
  const post = { method: 'POST', ...(tries !== undefined && { tries }) } as const;
  const params = { username, password: password.reveal(), client: 'referer', referer, expiration: lifetime };
  const answer = generated.safeParse(await wire.json({ ...post, url: `${root}/generateToken`, params, what }));
  if (!answer.success) throw noToken(what);
  return { value: answer.data.token, expires: answer.data.expires };
}

/** https://developers.arcgis.com/rest/users-groups-and-items/token/ */
async function grant(
  wire: Wire,
  root: string,
  { clientId, clientSecret }: Extract<Credentials, { kind: 'app' }>,
  clock: Clock,
  tries: number | undefined,
) {
  const what = `Signing in as app ${clientId}`;
  const post = { method: 'POST', ...(tries !== undefined && { tries }) } as const;
  const params = {
    client_id: clientId,
    client_secret: clientSecret.reveal(),
    grant_type: 'client_credentials',
    expiration: lifetime,
  };
  const answer = granted.safeParse(await wire.json({ ...post, url: `${root}/oauth2/token`, params, what }));
  if (!answer.success) throw noToken(what);
  return { value: answer.data.access_token, expires: clock.now() + answer.data.expires_in * 1000 };
}

function noToken(what: string): PortalError {
  return new PortalError('PORTAL_ANSWER', `${what}: the portal answered without a token.`);
}
