import type { TestContext } from 'node:test';
import { replaceApp } from '../../lib/app.ts';
import type { BlobStore } from '../../lib/storage/blob-store.ts';
import { watched } from './stores/counting.ts';
import type { Execute } from './invocations.ts';
import type { Nights, Opened } from './nights.ts';

/**
 * A worker that executes one activity and stops at one of its calls to store or portal, until it is let go on. It shares
 * nothing with other workers but the store.
 */
export class Straggler {
  readonly #stops = Promise.withResolvers<void>();
  readonly #goesOn = Promise.withResolvers<void>();
  readonly #at: number;
  #worker!: Opened;
  #calls = 0;
  #execution: Promise<unknown> | undefined;

  private constructor(at: number) {
    this.#at = at;
  }

  /** @param at before which of its calls it stops, from 0 */
  static async open(t: TestContext, nights: Nights, store: BlobStore, at: number): Promise<Straggler> {
    const straggler = new Straggler(at);
    t.after(() => straggler.#worker.host.close());
    straggler.#worker = await nights.open(store, {
      store: watched(store, (_call, run) => straggler.#around(run)),
      fetch: (...request) => straggler.#around(() => fetch(...request)),
    });
    return straggler;
  }

  /** Did it come to the call at which it should stop? */
  get stopped(): boolean {
    return this.#calls > this.#at;
  }

  /** Is it on its way, or through? */
  get begun(): boolean {
    return this.#execution !== undefined;
  }

  /** Executes until it stops, or to its end if that comes first; everybody else goes on with `others`. */
  async begin(execute: Execute, others: Opened): Promise<void> {
    // An activity asks for the app before it waits for anything.
    replaceApp(this.#worker.app);
    this.#execution = execute();
    replaceApp(others.app);
    await Promise.race([this.#stops.promise, Promise.allSettled([this.#execution])]);
  }

  /** Lets it go on to its end, whatever that is; what it answered or threw. */
  async finish(): Promise<unknown> {
    this.#goesOn.resolve();
    const [end] = await Promise.allSettled([this.#execution]);
    return end.status === 'fulfilled' ? end.value : end.reason;
  }

  async #around<T>(run: () => Promise<T>): Promise<T> {
    if (this.#calls++ === this.#at) {
      this.#stops.resolve();
      await this.#goesOn.promise;
    }
    return run();
  }
}
