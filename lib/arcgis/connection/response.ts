import { lastingTrouble, troubleHint } from '../../connections.ts';
import { boundBroken } from './answer-bounds.ts';
import { frontDoorHint, frontDoorOf, frontDoorText, isSignInPage, wantsCertificate } from './front-door.ts';
import { PortalError, saysBusy } from './portal-error.ts';

/** Failures below the portal's own errors: what HTTP and the network say. */

/** What fetch throws names the cause only inside; an address in a message goes without its query. */
export function unreachable(what: string, address: URL, error: unknown): PortalError {
  if (!(error instanceof Error)) throw error;
  const cause = error.name === 'AbortError' ? 'it did not answer in time' : causeOf(error);
  if (wantsCertificate(cause))
    return new PortalError('PORTAL_UNREACHABLE', `${what}: ${frontDoorText('certificate')} (${cause}).`, {
      hint: frontDoorHint,
    });
  const trouble = lastingTrouble(cause);
  return new PortalError('PORTAL_UNREACHABLE', `${what}: ${address.host} cannot be reached (${cause}).`, {
    // A name is tried again for a moment (`patience`), and what is wrong then is wrong for good.
    retryable: trouble === undefined,
    ...(trouble !== undefined && { hint: troubleHint(trouble, 'ARCGIS_PORTAL_URL') }),
    ...(trouble === 'name' && { patience: mostForNames }),
  });
}

/** ms for which a name that cannot be resolved is tried again: it is misspelt, or the network is down, or back in seconds. */
const mostForNames = 10_000;

function causeOf(error: Error): string {
  const cause = error.cause as NodeJS.ErrnoException | undefined;
  // The message of an error without a cause may quote what was to be sent, also a token.
  return cause?.code ?? cause?.message ?? error.name;
}

/** The JSON of an answer's text. Throws what its status says, else PORTAL_ANSWER, also when it is more than any honest one. */
export function jsonOf(text: string, response: Response, what: string): unknown {
  const broken = /^\s*[[{]/.test(text) ? boundBroken(text) : undefined;
  if (broken !== undefined) throw new PortalError('PORTAL_ANSWER', `${what}: the answer of the portal ${broken}.`);
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    if (!response.ok) throw refused(response, what, text);
    const kind = /^\s*</.test(text) ? 'a web page' : text === '' ? 'nothing' : 'something that is not JSON';
    throw new PortalError('PORTAL_ANSWER', `${what}: the portal answered with ${kind}.`, { retryable: true });
  }
}

/**
 * An answer whose HTTP status is the error. Busy is what says so: 429, 503 with Retry-After, or words for it. Any other page with
 * 403 refuses this one request, for good.
 * @param text of the answer
 */
export function refused(response: Response, what: string, text: string): PortalError {
  const { status } = response;
  const say = (ending: string) => `${what}: ${ending} (HTTP ${status}).`;
  const more = { status, retryable: true, wait: retryAfter(response) };
  const door = frontDoorOf(response, text);
  if (door !== undefined)
    return new PortalError(status === 401 ? 'AUTH_SIGN_IN' : 'PORTAL_REFUSED', say(frontDoorText(door)), {
      status,
      hint: frontDoorHint,
    });
  const isBusy = status === 403 || status === 503 ? asksToWait(response) || saysBusy(text) : status === 429;
  if (isBusy) return new PortalError('PORTAL_BUSY', say('the portal gets too many requests'), more);
  if (status === 403) return new PortalError('PORTAL_REFUSED', say('the portal refuses the request'), { status });
  if (status >= 500 || status === 408)
    return new PortalError('PORTAL_UNREACHABLE', say('the portal does not answer'), more);
  if (status === 401) return new PortalError('AUTH_SIGN_IN', say('the portal refuses the credentials'), { status });
  return new PortalError('PORTAL_ANSWER', say('the portal does not know this address'), { status });
}

/** An error of the portal with the pause that the answer asks for; too many requests come in several shapes. */
export function pausing(fault: PortalError, response: Response): PortalError {
  const wait = fault.wait ?? retryAfter(response);
  const isTold = response.status === 429 || (response.status === 503 && asksToWait(response));
  if ((fault.code !== 'PORTAL_BUSY' && !isTold) || fault.said === undefined) return fault;
  return new PortalError('PORTAL_BUSY', fault.message, { said: fault.said, wait: wait ?? 60_000, retryable: true });
}

function asksToWait({ headers }: Response): boolean {
  return headers.has('retry-after');
}

/** ms; RFC 9110, 10.2.3: seconds. A date would need the portal's clock to agree with ours, so it is passed over. */
function retryAfter(response: Response): number | undefined {
  const text = response.headers.get('retry-after') ?? '';
  return /^\d+$/.test(text) ? Number(text) * 1000 : undefined;
}

/** A redirect that is not followed. */
export function strayed(what: string, target: URL | undefined): PortalError {
  const where = target === undefined ? 'an address that is none' : target.host === '' ? target.protocol : target.host;
  if (target !== undefined && isSignInPage(target))
    return new PortalError('HOST_FOREIGN', `${what}: ${frontDoorText('page')}, at ${where}.`, { hint: frontDoorHint });
  return new PortalError('HOST_FOREIGN', `${what}: the portal redirects to ${where}, which is not followed.`, {
    hint: 'Set ARCGIS_PORTAL_URL to the address that the portal itself shows after signing in; if it is that, ask the portal administrator.',
  });
}
