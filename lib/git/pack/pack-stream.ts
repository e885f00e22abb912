import { createHash } from 'node:crypto';
import type { BlobStore, Range } from '../../storage/blob-store.ts';
import type { PackHash } from './sha1.ts';

/** Bytes of the checksum at the end of a pack. */
const trailer = 20;

/** Reads a pack once, from its first byte to its last, and hashes what it has passed. */
export class PackStream {
  /** bytes of the whole pack */
  readonly size: number;
  /** where it is, bytes from the start of the pack */
  offset: number;
  readonly #body: AsyncIterator<Uint8Array>;
  readonly #hash: PackHash;
  #window: Buffer = Buffer.alloc(0);
  #at = 0;

  private constructor(size: number, body: AsyncIterator<Uint8Array>, start: number, hash: PackHash) {
    this.size = size;
    this.offset = start;
    this.#body = body;
    this.#hash = hash;
  }

  /**
   * Undefined when the pack is not there.
   * @param blob its whole name in the store
   * @param range a part of it, in place of all; `finish` means nothing there, unless `hash` has hashed what is before
   */
  static async open(
    store: BlobStore,
    blob: string,
    range?: Range,
    hash: PackHash = createHash('sha1'),
  ): Promise<PackStream | undefined> {
    const found = await store.stream(blob, range);
    return found && new PackStream(found.info.size, found.body[Symbol.asyncIterator](), range?.start ?? 0, hash);
  }

  /** The next bytes, which stay; fewer than `length` before the end of the pack. */
  async peek(length: number): Promise<Buffer> {
    const pieces: Uint8Array[] = [this.#window.subarray(this.#at)];
    let there = this.#window.length - this.#at;
    while (there < length) {
      const next = await this.#body.next();
      if (next.done === true) break;
      pieces.push(next.value);
      there += next.value.length;
    }
    if (pieces.length > 1) {
      this.#window = Buffer.concat(pieces);
      this.#at = 0;
    }
    return this.#window.subarray(this.#at, this.#at + length);
  }

  /** Passes bytes that were peeked at. */
  pass(length: number): void {
    this.#hash.update(this.#window.subarray(this.#at, this.#at + length));
    this.#at += length;
    this.offset += length;
  }

  /** Passes what is left before the checksum, and says whether the checksum is right. The stream is at its end then. */
  async finish(): Promise<boolean> {
    for (;;) {
      const rest = await this.peek(1 << 20);
      if (rest.length <= trailer) return rest.length === trailer && this.#hash.digest().equals(rest);
      this.pass(Math.min(rest.length - trailer, 1 << 20));
    }
  }

  /** Closes the file or connection; after the end as well, for somebody may leave before it. */
  async close(): Promise<void> {
    await this.#body.return?.();
  }
}
