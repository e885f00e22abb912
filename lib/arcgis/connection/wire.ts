import type { Clock } from '../../clock.ts';
import { errorIn, explain, PortalError } from './portal-error.ts';
import { mayFollow } from './hosts.ts';
import { redirected, sendCall, type Call } from './call.ts';
import { Outages } from './outages.ts';
import { jsonOf, pausing, refused, strayed } from './response.ts';
import { Redactor } from './redactor.ts';
import { readText } from './text.ts';

/** How long a request may take, ms, and how often it is made. */
export interface Timeouts {
  /** until the head of the answer is there */
  answer: number;
  /** between two pieces of a body */
  idle: number;
  /** in all; 5 unless given */
  tries?: number;
  /** for which a portal is waited for that goes down meanwhile; 30 minutes unless given, 0 = not at all */
  outage?: number;
}

/** What the wire is made of. */
export interface WireParts {
  /** root of the portal */
  portal: URL;
  clock: Clock;
  fetch: typeof globalThis.fetch;
  timeouts?: Timeouts;
}

const usual: Timeouts = { answer: 100_000, idle: 120_000 };
const mostTries = 5;
/** ms; a pause that the portal asks for is kept, but no longer than this, for it may be nonsense */
const longestPause = 120_000;
const mostRedirects = 5;

/** ms */
const longestOutage = 30 * 60_000;
/**
 * Requests to the portal without any notion of who asks: time-outs, redirects, pauses, and trying again, which is done here and
 * nowhere above. When the portal asks one caller to pause, all callers of this worker pause; when it is down, all wait.
 */
export class Wire {
  readonly portal: URL;
  readonly timeouts: Timeouts;
  /** knows the secrets of the session; answers to signed requests come without them */
  readonly redactor = new Redactor();
  readonly #clock: Clock;
  readonly #fetch: typeof globalThis.fetch;
  /** until when nothing is sent there, epoch ms, by origin */
  readonly #paused = new Map<string, number>();
  readonly #outages: Outages;

  constructor({ portal, clock, fetch, timeouts = usual }: WireParts) {
    this.portal = portal;
    this.#clock = clock;
    this.#fetch = fetch;
    this.timeouts = timeouts;
    const isUp = (url: string) => this.#isUp(url);
    this.#outages = new Outages({ portal, clock, isUp, bound: timeouts.outage ?? longestOutage });
  }

  /**
   * The JSON of an answer. Throws PortalError: what the portal said, PORTAL_ANSWER when it is no JSON,
   * PORTAL_UNREACHABLE and PORTAL_BUSY after five tries, PORTAL_DOWN.
   */
  json(call: Call): Promise<unknown> {
    return this.patiently(call, () => this.#ask(call, (url, sent) => this.#send(url, sent)));
  }

  async #ask(call: Call, send: Send): Promise<unknown> {
    const params = { f: 'json', ...call.params };
    const response = await this.#follow({ ...call, params }, false, send);
    const text = await this.#read(response, call);
    const value = jsonOf(text, response, call.what);
    const error = errorIn(value);
    if (error !== undefined) throw pausing(explain(error, call.what), response);
    if (!response.ok) throw refused(response, call.what, text);
    return value;
  }

  /** One try at a download: the head of the answer, behind all redirects. Throws as `json`, but knows no error documents. */
  async open(call: Call): Promise<Response> {
    const response = await this.#follow(call, true, (url, sent) => this.#send(url, sent));
    if (response.ok) return response;
    const text = await this.#read(response, call);
    const value = text.trimStart().startsWith('{') ? jsonOf(text, response, call.what) : undefined;
    const error = errorIn(value);
    throw error === undefined ? refused(response, call.what, text) : pausing(explain(error, call.what), response);
  }

  // The answer to a sign-in holds the token, which may be the one of before.
  async #read(response: Response, { what, token }: Call): Promise<string> {
    const text = await readText(response, what, this.timeouts.idle);
    return token === undefined ? text : this.redactor.text(text);
  }

  /**
   * Tries again what may succeed later; between tries it waits as long as the portal says, or longer each time. What it throws
   * then is not worth another try, unless it was a call to be made `once`, which is tried again only when the portal has refused
   * to look at it.
   */
  async patiently<T>(call: Pick<Call, 'url' | 'once' | 'tries'>, attempt: () => Promise<T>): Promise<T> {
    const { tries: most = this.timeouts.tries ?? mostTries, once = false, url } = call;
    const outage = this.#outages.of(url);
    let began = this.#clock.now();
    for (let tries = 1; ; tries++) {
      try {
        const answer = await attempt();
        outage?.note('answer');
        return answer;
      } catch (error) {
        if (!(error instanceof PortalError) || error.tried) throw error;
        const isBusy = error.code === 'PORTAL_BUSY';
        outage?.note(isBusy ? 'busy' : isAbsence(error) ? 'nothing' : 'answer');
        const wait = Math.min(error.wait ?? 1000 * 2 ** tries, longestPause);
        if (isBusy) this.#pause(url, wait);
        const { patience = error.retryable ? Infinity : 0 } = error;
        if (patience === 0 || (once && !isBusy)) throw error;
        if (tries < most && this.#clock.now() + wait - began <= patience) {
          if (!isBusy) await this.#clock.sleep(wait);
        } else if (!isBusy && (await outage?.wasDown()) === true) {
          tries = 0;
          began = this.#clock.now();
        } else {
          error.tried = true;
          throw error;
        }
      }
    }
  }

  #pause(url: string, wait: number): void {
    const { origin } = new URL(url);
    this.#paused.set(origin, Math.max(this.#paused.get(origin) ?? 0, this.#clock.now() + wait));
  }

  /** Does it answer, with whatever? */
  async #isUp(url: string): Promise<boolean> {
    try {
      await this.#ask({ url, what: 'Asking whether there is anybody' }, (...sent) => this.#sendNow(...sent));
      return true;
    } catch (error) {
      if (!(error instanceof PortalError)) throw error;
      return error.code === 'PORTAL_BUSY' || !isAbsence(error);
    }
  }

  // The token goes no further than the origin it was meant for. Answers in JSON come from the portal alone; files lie elsewhere.
  async #follow(call: Call, elsewhere: boolean, send: Send): Promise<Response> {
    let url = new URL(call.url);
    let own = true;
    for (let redirects = 0; redirects <= mostRedirects; redirects++) {
      const response = await send(url, redirects === 0 ? call : redirected(call, own));
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

  /**
   * Sends a request once it may leave. Only here, right before it does: those who waited for a token or for their turn would
   * leave in the middle of a pause that began meanwhile.
   */
  async #send(url: URL, call: Omit<Call, 'url'>): Promise<Response> {
    for (;;) {
      await this.#outages.of(url.href)?.pass();
      const pause = (this.#paused.get(url.origin) ?? 0) - this.#clock.now();
      if (pause <= 0) return this.#sendNow(url, call);
      await this.#clock.sleep(pause);
    }
  }

  #sendNow(url: URL, call: Omit<Call, 'url'>): Promise<Response> {
    return sendCall(this.#fetch, url, call, this.timeouts.answer);
  }
}

type Send = (url: URL, call: Omit<Call, 'url'>) => Promise<Response>;

/** Is it nobody's word, or that of a gateway, of a page in front of the portal? */
function isAbsence({ code, retryable }: PortalError): boolean {
  return retryable || code === 'PORTAL_UNREACHABLE';
}
