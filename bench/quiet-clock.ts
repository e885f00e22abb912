import type { Clock } from '../lib/clock.ts';

/** Turns of the event loop without a step of anybody, after which nothing is under way but waiting. */
const quietTurns = 40;

/**
 * A clock that takes no time but what is waited for: it jumps to the next sleeper once nobody has made a step for some turns of the event
 * loop. So what a run waits can be measured on a machine that others use; what it computes counts nothing. Everything must be in this process.
 */
export class QuietClock implements Clock {
  #now = Date.UTC(2026, 10, 23, 2);
  #sleepers: { at: number; wake: () => void }[] = [];
  #isTurning = false;
  #steps = 0;

  now(): number {
    return this.#now;
  }

  /** Somebody made a step: it asked something, or has an answer. */
  step(): void {
    this.#steps += 1;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    this.step();
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      const sleeper = { at: this.#now + Math.max(0, ms), wake: () => this.#end(signal, abort, resolve) };
      const abort = () => {
        this.#sleepers = this.#sleepers.filter((each) => each !== sleeper);
        reject(signal?.reason as Error);
      };
      signal?.addEventListener('abort', abort, { once: true });
      this.#sleepers.push(sleeper);
      this.#turn();
    });
  }

  #end(signal: AbortSignal | undefined, abort: () => void, resolve: () => void): void {
    signal?.removeEventListener('abort', abort);
    resolve();
  }

  #turn(): void {
    if (this.#isTurning || this.#sleepers.length === 0) return;
    this.#isTurning = true;
    let [seen, quiet] = [this.#steps, 0];
    const look = () => {
      if (seen !== this.#steps) [seen, quiet] = [this.#steps, 0];
      if (++quiet < quietTurns) setImmediate(look);
      else this.#jump();
    };
    setImmediate(look);
  }

  #jump(): void {
    this.#isTurning = false;
    if (this.#sleepers.length === 0) return;
    this.#now = this.#sleepers.reduce((next, { at }) => Math.min(next, at), Infinity);
    const due = this.#sleepers.filter(({ at }) => at <= this.#now);
    this.#sleepers = this.#sleepers.filter(({ at }) => at > this.#now);
    for (const { wake } of due) wake();
    this.#turn();
  }
}
