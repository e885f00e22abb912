import { createHash } from 'node:crypto';
import type { IndexedEntry } from './pack-index.ts';

/** Bytes for an object while they are gathered: id, checksum, offset. */
const rowLength = 20 + 4 + 8;
/** What an index of version 2 begins with, how many bytes its head has, and from where on an offset stands in the table of the far ones. */
export const magic = 0xff744f63;
export const headerLength = 8 + 256 * 4;
export const large = 0x80000000;

/** Gathers where the objects of a pack lie, in 32 bytes each: a merged pack may hold millions. */
export class IndexBuilder {
  /** objects so far */
  count = 0;
  #rows = Buffer.alloc(1024 * rowLength);

  /** Adds an object, in any order. */
  add({ oid, crc, offset }: IndexedEntry): void {
    const at = this.count * rowLength;
    if (at === this.#rows.length) this.#rows = Buffer.concat([this.#rows, Buffer.alloc(at)]);
    this.#rows.write(oid, at, 'hex');
    this.#rows.writeUInt32BE(crc, at + 20);
    this.#rows.writeDoubleBE(offset, at + 24);
    this.count += 1;
  }

  /**
   * The bytes of a version 2 index.
   * https://git-scm.com/docs/pack-format#_version_2_pack_idx_files_support_packs_larger_than_4_gib_and
   * @param packChecksum the 20 bytes at the end of the pack
   */
  encode(packChecksum: Buffer): Buffer {
    const { count } = this;
    const rows = this.#sorted();
    const offsetOf = (at: number) => this.#rows.readDoubleBE(at + 24);
    const far = rows.reduce((sum, at) => sum + Number(offsetOf(at) >= large), 0);
    const bytes = Buffer.alloc(headerLength + count * 28 + far * 8 + 40);
    bytes.writeUInt32BE(magic, 0);
    bytes.writeUInt32BE(2, 4);
    this.#writeFanout(bytes, rows);
    let farther = 0;
    for (const [n, at] of rows.entries()) {
      this.#rows.copy(bytes, headerLength + n * 20, at, at + 20);
      this.#rows.copy(bytes, headerLength + count * 20 + n * 4, at + 20, at + 24);
      const offset = offsetOf(at);
      if (offset >= large) bytes.writeBigUInt64BE(BigInt(offset), headerLength + count * 28 + farther * 8);
      bytes.writeUInt32BE(offset >= large ? large + farther++ : offset, headerLength + count * 24 + n * 4);
    }
    packChecksum.copy(bytes, bytes.length - 40);
    createHash('sha1')
      .update(bytes.subarray(0, -20))
      .digest()
      .copy(bytes, bytes.length - 20);
    return bytes;
  }

  /** Where the rows are, in the order of their ids. */
  #sorted(): Uint32Array {
    const rows = this.#rows;
    const places = new Uint32Array(this.count).map((_, n) => n * rowLength);
    // Four bytes tell nearly all apart.
    const key = (at: number) => rows.readUInt32BE(at);
    return places.sort((a, b) => key(a) - key(b) || rows.compare(rows, b, b + 20, a, a + 20));
  }

  /** How many objects there are up to each first byte of an id. */
  #writeFanout(bytes: Buffer, rows: Uint32Array): void {
    const upTo = new Uint32Array(256);
    for (const at of rows) upTo[this.#rows[at] ?? 0]! += 1;
    let count = 0;
    for (const [first, many] of upTo.entries()) bytes.writeUInt32BE((count += many), 8 + first * 4);
  }
}

/** The bytes of an index of these objects; `packChecksum` are the 20 bytes at the end of their pack. */
export function encodeIndex(entries: readonly IndexedEntry[], packChecksum: Buffer): Buffer {
  const builder = new IndexBuilder();
  for (const entry of entries) builder.add(entry);
  return builder.encode(packChecksum);
}
