import { verifyingName } from '../../archive/layout.ts';
import type { BlobStore } from '../../storage/blob-store.ts';
import { decodeState, encodeState } from './state-bytes.ts';
import type { State } from './state.ts';

/** ms after which nobody goes on with a verification: what it has read may be swept then. */
const mostAge = 14 * 86_400_000;

/** Where a verification that is not done lies, so that another process can go on with it. */
export class UnfinishedVerify {
  readonly #store: BlobStore;
  readonly #name: string;
  #isThere = false;

  /** @param which tells it from others in the same store */
  constructor(store: BlobStore, which: string) {
    this.#store = store;
    this.#name = verifyingName(which);
  }

  /** What there is; undefined when there is nothing, or it is too old, damaged, or of another version. @param now epoch ms */
  async read(now: number): Promise<State | undefined> {
    const blob = await this.#store.get(this.#name);
    this.#isThere = blob !== undefined;
    // What is dated ahead counts as old.
    return blob === undefined || Math.abs(now - blob.modified) > mostAge ? undefined : decodeState(blob.bytes);
  }

  /** Writes down how far it is. */
  async keep(state: State): Promise<void> {
    await this.#store.put(this.#name, encodeState(state));
    this.#isThere = true;
  }

  /** It is done: nobody goes on. */
  async end(): Promise<void> {
    if (this.#isThere) await this.#store.delete(this.#name);
  }
}
