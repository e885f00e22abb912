import type { Clock } from '../../lib/clock.ts';

interface Sleeper {
  at: number;
  wake: () => void;
}

/**
 * A clock on which nobody waits: when the process has had some turns of the event loop to itself, time jumps to the
 * earliest sleeper, one at a time. It does not ask whether activities are under way, because they sleep on it too (between
 * retries). Real I/O goes on meanwhile at its own pace, so a test may only rely on the order of sleepers, not on what
 * happens between two of them.
 */
export class VirtualClock implements Clock {
  #now: number;
  #sleepers: Sleeper[] = [];
  #isTurning = false;

  constructor(start = Date.UTC(2026, 10, 23, 2)) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  /** Lets time pass at once; sleepers whose time has come wake in their order. */
  advance(ms: number): void {
    this.#now += ms;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      const abort = () => {
        this.#sleepers = this.#sleepers.filter((one) => one !== sleeper);
        reject(signal?.reason as Error);
      };
      const wake = () => {
        signal?.removeEventListener('abort', abort);
        resolve();
      };
      const sleeper: Sleeper = { at: this.#now + Math.max(0, ms), wake };
      signal?.addEventListener('abort', abort, { once: true });
      this.#sleepers.push(sleeper);
      this.#turn();
    });
  }

  #turn(): void {
    if (this.#isTurning || this.#sleepers.length === 0) return;
    this.#isTurning = true;
    // A few turns, so that who is about to sleep as well gets in line first.
    setImmediate(() => setImmediate(() => setImmediate(() => this.#jump())));
  }

  #jump(): void {
    this.#isTurning = false;
    const next = this.#sleepers.reduce<Sleeper | undefined>(
      (a, b) => (a === undefined || b.at < a.at ? b : a),
      undefined,
    );
    if (next !== undefined) {
      this.#sleepers = this.#sleepers.filter((one) => one !== next);
      this.#now = Math.max(this.#now, next.at);
      next.wake();
    }
    this.#turn();
  }
}

/** The time of another clock, wrong by so many ms; it sleeps as that one. */
export function skewed(clock: Clock, ms: number): Clock {
  return { now: () => clock.now() + ms, sleep: (...args) => clock.sleep(...args) };
}

/** A clock that stands still: nobody wakes, but who sleeps can be counted. */
export class StoppedClock implements Clock {
  sleepers = 0;

  now(): number {
    return Date.UTC(2026, 10, 23, 2);
  }

  sleep(_ms: number, signal?: AbortSignal): Promise<void> {
    this.sleepers += 1;
    return new Promise((_resolve, reject) => {
      const abort = () => {
        this.sleepers -= 1;
        reject(signal?.reason as Error);
      };
      signal?.addEventListener('abort', abort, { once: true });
    });
  }
}
