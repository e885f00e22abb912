import { multipart, type SentFile } from './multipart.ts';
import { unreachable } from './response.ts';

/** One request to the portal or to a server of it. */
export interface Call {
  url: string;
  /** default GET */
  method?: 'GET' | 'POST';
  /** query of a GET, form of a POST; undefined values are left out */
  params?: Readonly<Record<string, string | number | boolean | undefined>>;
  /** goes into a header, never into the address */
  token?: string | undefined;
  headers?: Readonly<Record<string, string>>;
  /** files of a POST, by the names of their parameters; it is multipart then, and its length is told beforehand */
  files?: Readonly<Record<string, File | SentFile>> | undefined;
  /** must not be sent twice: a try whose answer was lost may have taken effect */
  once?: boolean;
  /** how often it is sent at most, in place of the usual */
  tries?: number;
  /** for messages: what is asked for, as the beginning of a sentence */
  what: string;
}

/** A token that was asked for with this Referer is good only with it (arcgis-rest.md 2.1). */
export const referer = 'https://ago-backup';

/**
 * Sends a request as it stands; the head of the answer. Throws PORTAL_UNREACHABLE, and what the reading of a file threw.
 * @param patience ms until the head must be there
 */
export async function sendCall(
  fetch: typeof globalThis.fetch,
  url: URL,
  { method = 'GET', params, files, token, headers, what }: Omit<Call, 'url'>,
  patience: number,
): Promise<Response> {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(params ?? {})) if (value !== undefined) form.append(name, String(value));
  const address = new URL(url);
  if (method === 'GET') for (const [name, value] of form) address.searchParams.set(name, value);
  const credentials: Record<string, string> =
    token === undefined ? {} : { 'x-esri-authorization': `Bearer ${token}`, referer };
  const control = new AbortController();
  const timer = setTimeout(() => control.abort(), patience);
  const sent = files && multipart(form, files);
  try {
    return await fetch(address.href, {
      method,
      redirect: 'manual',
      signal: control.signal,
      headers: { ...credentials, ...headers, ...sent?.headers },
      // What is read while it is sent must be said to be so; fetch waits for the end of the body all the same.
      ...(method === 'POST' && { body: sent?.body ?? form, duplex: 'half' as const }),
    });
  } catch (error) {
    const failure = sent?.failure();
    if (failure !== undefined) throw failure;
    throw unreachable(what, address, error);
  } finally {
    clearTimeout(timer);
  }
}

/** What is sent on after a redirect: the address is complete, and the token goes along only within its origin. */
export function redirected({ what, headers, token }: Call, own: boolean): Omit<Call, 'url'> {
  return { what, ...(headers && { headers }), ...(own && { token }) };
}
