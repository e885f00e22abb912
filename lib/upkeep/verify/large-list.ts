import { allLarge, largeName } from '../../archive/layout.ts';
import type { BlobStore } from '../../storage/blob-store.ts';

/** Bytes of a row: SHA-256, then the size as a double. */
const rowLength = 40;

/** Git LFS objects and their sizes, in the order of their names, 40 bytes each: an archive may have a million. */
export class LargeList {
  readonly bytes: Buffer;
  readonly count: number;

  /** @param bytes as `bytes` of another one */
  constructor(bytes: Uint8Array) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    this.count = bytes.length / rowLength;
  }

  /** All that the store has. */
  static async read(store: BlobStore): Promise<LargeList> {
    let rows = Buffer.alloc(64 * rowLength);
    let at = 0;
    for await (const { name, size } of store.list(allLarge)) {
      const sha256 = name.slice(name.lastIndexOf('/') + 1);
      if (!/^[0-9a-f]{64}$/.test(sha256) || name !== largeName(sha256)) continue;
      if (at === rows.length) rows = Buffer.concat([rows, Buffer.alloc(at)]);
      rows.write(sha256, at, 'hex');
      rows.writeDoubleBE(size, at + 32);
      at += rowLength;
    }
    return new LargeList(rows.subarray(0, at));
  }

  /** The one at a place, from 0. */
  at(place: number): { sha256: string; size: number } {
    const start = place * rowLength;
    return { sha256: this.bytes.toString('hex', start, start + 32), size: this.bytes.readDoubleBE(start + 32) };
  }

  /** The place of one; undefined when it is not in the list. */
  find(sha256: string): number | undefined {
    const wanted = Buffer.from(sha256, 'hex');
    let [low, high] = [0, this.count];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const order = wanted.compare(this.bytes, middle * rowLength, middle * rowLength + 32);
      if (order === 0) return middle;
      if (order < 0) high = middle;
      else low = middle + 1;
    }
    return undefined;
  }
}
