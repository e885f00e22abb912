import { BackupError } from '../../errors.ts';
import type { BlobStore } from '../../storage/blob-store.ts';

/** A blob of known size. */
export interface SizedBlob {
  store: BlobStore;
  name: string;
  /** bytes */
  size: number;
}

/** Bytes of the first window anywhere; each that follows on it has twice as many, up to `largest`. */
const smallest = 256 * 1024;
const largest = 4 * 1024 * 1024;

const none = Buffer.alloc(0);

/** Bytes that were read at once, and how many the next window here would have. */
interface Window {
  start: number;
  bytes: Buffer;
  ahead: number;
}

/**
 * Reads a blob here and there in few requests: what is asked for is read with what follows on it, more and more as long as the
 * reading goes forward. Two places at a time go forward, as the directory of a zip and its entries do; 8 MiB of memory.
 */
export class BlobWindows {
  readonly #blob: SizedBlob;
  /** the one last used first */
  #windows: readonly Window[] = [];

  constructor(blob: SizedBlob) {
    this.#blob = blob;
  }

  /** The bytes of a range, piece by piece; fewer when the blob ends before. Throws STORE_DAMAGED when it is not there. */
  async *read(start: number, end: number): AsyncGenerator<Uint8Array, void, undefined> {
    for (let at = start; at < end;) {
      const held = this.#held(at);
      // What is much longer than a window is one request.
      if (held === undefined && end - at > largest) {
        yield* this.#through(at, end);
        return;
      }
      const bytes = held ?? (await this.#fetch(at));
      if (bytes.length === 0) return;
      yield bytes.subarray(0, end - at);
      at += bytes.length;
    }
  }

  #held(at: number): Buffer | undefined {
    const found = this.#windows.find(({ start, bytes }) => at >= start && at < start + bytes.length);
    if (found === undefined) return undefined;
    this.#windows = [found, ...this.#windows.filter((each) => each !== found)];
    return found.bytes.subarray(at - found.start);
  }

  async #fetch(at: number): Promise<Buffer> {
    const before = this.#windows.find((each) => isNext(each, at));
    const ahead = before?.ahead ?? smallest;
    const { store, name, size } = this.#blob;
    const length = Math.max(0, Math.min(ahead, size - at));
    const found = length === 0 ? undefined : await store.get(name, { start: at, length });
    if (found === undefined && length > 0) throw this.#lost();
    const bytes = found?.bytes ?? none;
    this.#put({ start: at, bytes, ahead: Math.min(largest, ahead * 2) }, before);
    return bytes;
  }

  async *#through(start: number, end: number): AsyncGenerator<Uint8Array> {
    const { store, name } = this.#blob;
    const found = await store.stream(name, { start, length: end - start });
    if (found === undefined) throw this.#lost();
    yield* found.body;
    // What comes next goes on from here.
    const before = this.#windows.find((each) => isNext(each, start));
    this.#put({ start: end, bytes: none, ahead: before?.ahead ?? smallest }, before);
  }

  /** In place of the one that it follows on, else of the one that was not used for longer. */
  #put(window: Window, before: Window | undefined): void {
    const others = this.#windows.filter((each) => each !== before);
    this.#windows = [window, ...others.slice(0, 1)];
  }

  #lost(): BackupError {
    const { store, name } = this.#blob;
    return new BackupError('STORE_DAMAGED', `${name} disappeared from ${store.address}.`);
  }
}

/** Does it lie right behind the window, or a little further? */
function isNext({ start, bytes }: Window, at: number): boolean {
  const gap = at - start - bytes.length;
  return gap >= 0 && gap <= smallest;
}
