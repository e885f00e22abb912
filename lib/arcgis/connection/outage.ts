import type { Clock } from '../../clock.ts';
import type { PortalError } from './portal-error.ts';

/** What came of a request: an answer, also a refusal; too many requests; nothing, or a gateway's word that there is none. */
export type Heard = 'answer' | 'busy' | 'nothing';

/** One server that may go down. */
export interface ServerParts {
  clock: Clock;
  /** Asks it something that costs nothing and that it always can tell. */
  isUp: () => Promise<boolean>;
  /** ms for which a server that is down is waited for */
  bound: number;
  /** What all requests end with after that. */
  error: (minutes: number) => PortalError;
  /** The portal that the server belongs to; as long as that is down as well, the server is waited for with it. */
  portal?: Outage;
}

const minute = 60_000;
/** requests without an answer that raise the question whether there is anybody */
const enough = 10;
/** ms; an outage that begins again before so much time has passed is the same one */
const calm = 10 * minute;

/**
 * Leaves a server alone that is down. When ten requests in a row, or most of the last minute's, got no answer, or one was given
 * up, the server is asked whether it is there: if it is, the trouble is that of the requests, and they fail alone. If not, all
 * requests of this worker wait, while it is asked after 1, 2, 4 … minutes; then it is given up.
 *
 * A server that never answered is no outage but a wrong address, until ten requests say otherwise.
 */
export class Outage {
  readonly #parts: ServerParts;
  /** requests in a row without an answer */
  #unheard = 0;
  /** the same with those that were told to come later, and when the first of them was, epoch ms */
  #unserved = 0;
  #since = Infinity;
  /** so many requests without an answer raise the question */
  #askAt = enough;
  /** what came of the requests of the minute that began then */
  #minute = { from: -Infinity, all: 0, lost: 0 };
  #isKnown = false;
  /** ms: the next pause of an outage, and all so far */
  #pause = minute;
  #waited = 0;
  #backAt = -Infinity;
  #asking: Promise<boolean> | undefined;
  /** nothing is sent before this time, epoch ms */
  #shutUntil = 0;

  constructor(parts: ServerParts) {
    this.#parts = parts;
  }

  /** Resolves when a request may leave: at once, or at the end of an outage. Throws when the server is given up. */
  async pass(): Promise<void> {
    if (this.#parts.clock.now() < this.#shutUntil) throw this.#end();
    if (this.#asking !== undefined || this.#shutUntil > 0 || this.#isSuspect()) await this.#ask();
  }

  /** Takes note of what came of a request. */
  note(heard: Heard): void {
    const now = this.#parts.clock.now();
    if (now > this.#minute.from + minute) this.#minute = { from: now, all: 0, lost: 0 };
    this.#minute.all += 1;
    if (heard === 'nothing') this.#minute.lost += 1;
    if (heard === 'answer') {
      this.#isKnown = true;
      this.#unheard = this.#unserved = 0;
      this.#askAt = enough;
      if (now > this.#backAt + calm) this.#forget();
      return;
    }
    if (this.#unserved === 0) this.#since = now;
    this.#unserved += 1;
    if (heard === 'nothing') this.#unheard += 1;
  }

  /**
   * Was it the server, not the request, that a request got no answer for? Then this resolves when the server is back, and the
   * request may be sent again. Throws when the server is given up.
   */
  async wasDown(): Promise<boolean> {
    return (this.#isKnown || this.#unheard >= enough) && this.#ask();
  }

  #isSuspect(): boolean {
    if (this.#unheard >= this.#askAt || this.#isUseless()) return true;
    const { all, lost } = this.#minute;
    return this.#isKnown && lost >= enough && lost > all / 2;
  }

  /** It may be there, and serves nobody. */
  #isUseless(): boolean {
    const { clock, bound } = this.#parts;
    return this.#unserved >= enough && clock.now() >= this.#since + bound;
  }

  #ask(): Promise<boolean> {
    return (this.#asking ??= this.#wait().finally(() => (this.#asking = undefined)));
  }

  /** Asks until it is there. Was it away? */
  async #wait(): Promise<boolean> {
    const { clock, isUp, bound, portal } = this.#parts;
    let isUseless = this.#shutUntil === 0 && this.#isUseless();
    for (let wasAway = false; ; wasAway = true) {
      if ((await isUp()) && !isUseless) return this.#open(wasAway);
      if (isUseless || this.#waited >= bound) {
        if (portal === undefined || !(await portal.wasDown())) throw this.#end();
        // All was down, and comes back.
        isUseless = false;
        this.#forget();
        continue;
      }
      const pause = Math.min(this.#pause, bound - this.#waited);
      await clock.sleep(pause);
      this.#waited += pause;
      this.#pause *= 2;
    }
  }

  #open(wasAway: boolean): boolean {
    this.#shutUntil = 0;
    this.#askAt = this.#unheard + enough;
    this.#minute = { from: this.#parts.clock.now(), all: 0, lost: 0 };
    if (wasAway) {
      this.#backAt = this.#parts.clock.now();
      this.#unserved = 0;
    }
    return wasAway;
  }

  /** A server is asked again after a while; the end of the portal is the end of the run. */
  #end(): PortalError {
    const { clock, portal, error, bound } = this.#parts;
    const now = clock.now();
    if (now >= this.#shutUntil) this.#shutUntil = portal === undefined ? Infinity : now + calm;
    return error(Math.round(bound / minute));
  }

  #forget(): void {
    this.#pause = minute;
    this.#waited = 0;
  }
}
