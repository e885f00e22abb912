import { isCode } from '../../errors.ts';
import type { Clock } from '../../clock.ts';
import { errorIn, explain, PortalError } from './portal-error.ts';
import { mayFollow } from './hosts.ts';
import { jsonOf, pausing, refused, strayed, unreachable } from './response.ts';
import { Redactor } from './redactor.ts';
import { readText } from './text.ts';

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
  /** must not be sent twice: a try whose answer was lost may have taken effect */
  once?: boolean;
  /** for messages: what is asked for, as the beginning of a sentence */
  what: string;
}

/** How long a request may take, ms, and how often it is made. */
export interface Timeouts {
  /** until the head of the answer is there */
  answer: number;
  /** between two pieces of a body */
  idle: number;
  /** in all; 5 unless given */
  tries?: number;
}

/** What the wire is made of. */
export interface WireParts {
  /** root of the portal */
  portal: URL;
  clock: Clock;
  fetch: typeof globalThis.fetch;
  timeouts?: Timeouts;
}

/** A token that was asked for with this Referer is good only with it (arcgis-rest.md 2.1). */
export const referer = 'https://ago-backup';

const usual: Timeouts = { answer: 100_000, idle: 120_000 };
const mostTries = 5;
/** ms; a pause that the portal asks for is kept, but no longer than this, for it may be nonsense */
const longestPause = 120_000;
const mostRedirects = 5;

/**
 * Requests to the portal without any notion of who asks: time-outs, redirects, pauses, and trying again. When the portal
 * asks one caller to pause, all callers of this worker pause.
 */
export class Wire {
  readonly portal: URL;
  readonly timeouts: Timeouts;
  /** knows the secrets of the session; answers to signed requests come without them */
  readonly redactor = new Redactor();
  readonly #clock: Clock;
  readonly #fetch: typeof globalThis.fetch;
  #pausedUntil = 0;

  constructor({ portal, clock, fetch, timeouts = usual }: WireParts) {
    this.portal = portal;
    this.#clock = clock;
    this.#fetch = fetch;
    this.timeouts = timeouts;
  }

  /**
   * The JSON of an answer. Throws PortalFault: what the portal said, PORTAL_ANSWER when it is no JSON,
   * PORTAL_UNREACHABLE and PORTAL_BUSY after five tries.
   */
  async json(call: Call): Promise<unknown> {
    const params = { f: 'json', ...call.params };
    return this.patiently(async () => {
      const response = await this.#follow({ ...call, params }, false);
      const value = jsonOf(await this.#read(response, call), response, call.what);
      const error = errorIn(value);
      if (error !== undefined) throw pausing(explain(error, call.what), response);
      if (!response.ok) throw refused(response, call.what);
      return value;
    }, call.once);
  }

  /** One try at a download: the head of the answer, behind all redirects. Throws as `json`, but knows no error documents. */
  async open(call: Call): Promise<Response> {
    const response = await this.#follow(call, true);
    if (response.ok) return response;
    const text = await this.#read(response, call);
    const value = text.trimStart().startsWith('{') ? jsonOf(text, response, call.what) : undefined;
    const error = errorIn(value);
    throw error === undefined ? refused(response, call.what) : pausing(explain(error, call.what), response);
  }

  // The answer to a sign-in holds the token, which may be the one of before.
  async #read(response: Response, { what, token }: Call): Promise<string> {
    const text = await readText(response, what, this.timeouts.idle);
    return token === undefined ? text : this.redactor.text(text);
  }

  /**
   * Tries again what may succeed later; between tries it waits as long as the portal says, or longer each time.
   * @param once try again only when the portal has refused to look at the request
   */
  async patiently<T>(attempt: () => Promise<T>, once = false): Promise<T> {
    const began = this.#clock.now();
    for (let tries = 1; ; tries++) {
      const pause = this.#pausedUntil - this.#clock.now();
      if (pause > 0) await this.#clock.sleep(pause);
      try {
        return await attempt();
      } catch (error) {
        if (!(error instanceof PortalError) || !error.retryable || tries >= (this.timeouts.tries ?? mostTries))
          throw error;
        if (once && error.code !== 'PORTAL_BUSY') throw error;
        const wait = Math.min(error.wait ?? 1000 * 2 ** tries, longestPause);
        if (error.patience !== undefined && this.#clock.now() + wait - began > error.patience) throw forGood(error);
        if (isCode(error, 'PORTAL_BUSY')) this.#pausedUntil = Math.max(this.#pausedUntil, this.#clock.now() + wait);
        else await this.#clock.sleep(wait);
      }
    }
  }

  // The token goes no further than the origin it was meant for. Answers in JSON come from the portal alone; files lie elsewhere.
  async #follow(call: Call, elsewhere: boolean): Promise<Response> {
    let url = new URL(call.url);
    let own = true;
    for (let redirects = 0; redirects <= mostRedirects; redirects++) {
      const response = await this.#send(url, redirects === 0 ? call : rest(call, own));
      const location = response.status >= 300 && response.status < 400 ? response.headers.get('location') : null;
      if (location === null) return response;
      await response.body?.cancel();
      const target = URL.canParse(location, url.href) ? new URL(location, url) : undefined;
      const stays = target?.origin === url.origin;
      const mayGo =
        call.method !== 'POST' && (stays || (elsewhere && target !== undefined && mayFollow(target, this.portal)));
      if (target === undefined || !mayGo) throw strayed(call.what, target);
      own &&= stays;
      url = target;
    }
    throw new PortalError('PORTAL_ANSWER', `${call.what}: the portal redirects in a circle.`);
  }

  async #send(url: URL, { method = 'GET', params, token, headers, what }: Omit<Call, 'url'>): Promise<Response> {
    const form = new URLSearchParams();
    for (const [name, value] of Object.entries(params ?? {})) if (value !== undefined) form.append(name, String(value));
    const address = new URL(url);
    if (method === 'GET') for (const [name, value] of form) address.searchParams.set(name, value);
    const credentials: Record<string, string> =
      token === undefined ? {} : { 'x-esri-authorization': `Bearer ${token}`, referer };
    const control = new AbortController();
    const timer = setTimeout(() => control.abort(), this.timeouts.answer);
    try {
      return await this.#fetch(address.href, {
        method,
        redirect: 'manual',
        signal: control.signal,
        headers: { ...credentials, ...headers },
        ...(method === 'POST' && { body: form }),
      });
    } catch (error) {
      throw unreachable(what, address, error);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** What calls above must not try again either. */
function forGood({ code, message, hint }: PortalError): PortalError {
  return new PortalError(code, message, { hint });
}

// After a redirect the address is complete; the token goes along only within its origin.
function rest({ what, headers, token }: Call, own: boolean): Omit<Call, 'url'> {
  return { what, ...(headers && { headers }), ...(own && { token }) };
}
