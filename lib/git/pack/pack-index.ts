import { createHash } from 'node:crypto';

/** Where an object lies in its pack. */
export interface IndexedEntry {
  oid: string;
  crc: number;
  /** bytes from the start of the pack */
  offset: number;
}

const magic = 0xff744f63;
const headerLength = 8 + 256 * 4;
const large = 0x80000000;

/** The bytes of a version 2 index. https://git-scm.com/docs/pack-format#_version_2_pack_idx_files_support_packs_larger_than_4_gib_and */
export function encodeIndex(entries: readonly IndexedEntry[], packChecksum: Buffer): Buffer {
  const sorted = [...entries].sort((a, b) => (a.oid < b.oid ? -1 : a.oid > b.oid ? 1 : 0));
  const far = sorted.filter(({ offset }) => offset >= large);
  const bytes = Buffer.alloc(headerLength + sorted.length * 28 + far.length * 8 + 40);
  bytes.writeUInt32BE(magic, 0);
  bytes.writeUInt32BE(2, 4);
  writeFanout(bytes, sorted);
  let at = headerLength;
  for (const { oid } of sorted) at += bytes.write(oid, at, 'hex');
  for (const { crc } of sorted) at = bytes.writeUInt32BE(crc, at);
  let farther = 0;
  for (const { offset } of sorted) at = bytes.writeUInt32BE(offset >= large ? large + farther++ : offset, at);
  for (const { offset } of far) at = bytes.writeBigUInt64BE(BigInt(offset), at);
  at += packChecksum.copy(bytes, at);
  createHash('sha1').update(bytes.subarray(0, at)).digest().copy(bytes, at);
  return bytes;
}

function writeFanout(bytes: Buffer, sorted: readonly IndexedEntry[]): void {
  let count = 0;
  for (let first = 0; first < 256; first++) {
    while (count < sorted.length && Number.parseInt(sorted[count]?.oid.slice(0, 2) ?? '', 16) <= first) count++;
    bytes.writeUInt32BE(count, 8 + first * 4);
  }
}

/** A pack's index, for looking things up. */
export class PackIndex {
  readonly #bytes: Buffer;
  /** objects */
  readonly count: number;

  /** Undefined when the bytes are no whole version 2 index. */
  static read(bytes: Buffer): PackIndex | undefined {
    if (bytes.length < headerLength + 40 || bytes.readUInt32BE(0) !== magic || bytes.readUInt32BE(4) !== 2)
      return undefined;
    if (bytes.length < headerLength + bytes.readUInt32BE(8 + 255 * 4) * 28 + 40) return undefined;
    const checksum = createHash('sha1').update(bytes.subarray(0, -20)).digest();
    return checksum.equals(bytes.subarray(-20)) ? new PackIndex(bytes) : undefined;
  }

  private constructor(bytes: Buffer) {
    this.#bytes = bytes;
    this.count = bytes.readUInt32BE(8 + 255 * 4);
  }

  /** bytes */
  get size(): number {
    return this.#bytes.length;
  }

  /** The checksum that stands at the end of the pack; a stock git names its packs after it, we do not. */
  get packChecksum(): string {
    return this.#bytes.subarray(-40, -20).toString('hex');
  }

  /** Where the object starts, bytes from the start of the pack; undefined when this pack does not have it. */
  find(oid: string): number | undefined {
    const wanted = Buffer.from(oid, 'hex');
    const first = wanted[0] ?? 0;
    let low = first === 0 ? 0 : this.#bytes.readUInt32BE(8 + (first - 1) * 4);
    let high = this.#bytes.readUInt32BE(8 + first * 4);
    while (low < high) {
      const middle = (low + high) >>> 1;
      const at = headerLength + middle * 20;
      const order = wanted.compare(this.#bytes, at, at + 20);
      if (order === 0) return this.#offset(middle);
      if (order < 0) high = middle;
      else low = middle + 1;
    }
    return undefined;
  }

  /** Every object of the pack, in the order of their ids. */
  *entries(): Generator<IndexedEntry> {
    for (let n = 0; n < this.count; n++) {
      const at = headerLength + n * 20;
      const crc = this.#bytes.readUInt32BE(headerLength + this.count * 20 + n * 4);
      yield { oid: this.#bytes.toString('hex', at, at + 20), crc, offset: this.#offset(n) };
    }
  }

  #offset(n: number): number {
    const near = this.#bytes.readUInt32BE(headerLength + this.count * 24 + n * 4);
    if (near < large) return near;
    return Number(this.#bytes.readBigUInt64BE(headerLength + this.count * 28 + (near - large) * 8));
  }
}
