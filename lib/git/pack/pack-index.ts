import { createHash } from 'node:crypto';
import { headerLength, large, magic } from './index-builder.ts';

/** Where an object lies in its pack. */
export interface IndexedEntry {
  oid: string;
  crc: number;
  /** bytes from the start of the pack */
  offset: number;
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
    const n = this.position(Buffer.from(oid, 'hex'));
    return n === undefined ? undefined : this.offset(n);
  }

  /** The place of an object, whose id lies `at` there, in the order of their ids; undefined when this pack does not have it. */
  position(oid: Buffer, at = 0): number | undefined {
    if (oid.length < at + 20) return undefined;
    const first = oid[at] ?? 0;
    let low = first === 0 ? 0 : this.#bytes.readUInt32BE(8 + (first - 1) * 4);
    let high = this.#bytes.readUInt32BE(8 + first * 4);
    // Four bytes tell nearly all ids apart, and reading a number is many times as fast as comparing buffers.
    const wanted = oid.readUInt32BE(at);
    while (low < high) {
      const middle = (low + high) >>> 1;
      const there = headerLength + middle * 20;
      const order =
        wanted - this.#bytes.readUInt32BE(there) || oid.compare(this.#bytes, there, there + 20, at, at + 20);
      if (order === 0) return middle;
      if (order < 0) high = middle;
      else low = middle + 1;
    }
    return undefined;
  }

  /** The id of the object at a place. */
  oidAt(n: number): string {
    return this.#bytes.toString('hex', headerLength + n * 20, headerLength + n * 20 + 20);
  }

  /** Every object of the pack, in the order of their ids. */
  *entries(): Generator<IndexedEntry> {
    for (let n = 0; n < this.count; n++) yield this.entry(n);
  }

  /**
   * Every object of the pack, in the order in which they lie there, with how many bytes each takes, and its place in the order of
   * their ids.
   * @param size bytes of the whole pack
   * @param from how many of them are passed over
   */
  *inPackOrder(size: number, from = 0): Generator<IndexedEntry & { length: number; position: number }> {
    const order = this.packOrder();
    for (let place = from; place < order.length; place++) {
      const n = order[place] ?? 0;
      const next = order[place + 1];
      const end = next === undefined ? size - 20 : this.offset(next);
      const entry = this.entry(n);
      yield { ...entry, length: Math.max(0, end - entry.offset), position: n };
    }
  }

  /** The places of all objects, in the order in which they lie in the pack. */
  packOrder(): Uint32Array {
    const offsets = Float64Array.from({ length: this.count }, (_, n) => this.offset(n));
    const order = new Uint32Array(this.count).map((_, n) => n);
    return order.sort((a, b) => (offsets[a] ?? 0) - (offsets[b] ?? 0));
  }

  /** What the index says of the object at a place. */
  entry(n: number): IndexedEntry {
    const at = headerLength + n * 20;
    const crc = this.#bytes.readUInt32BE(headerLength + this.count * 20 + n * 4);
    return { oid: this.#bytes.toString('hex', at, at + 20), crc, offset: this.offset(n) };
  }

  /** Where the object at a place starts, bytes from the start of the pack. */
  offset(n: number): number {
    const near = this.#bytes.readUInt32BE(headerLength + this.count * 24 + n * 4);
    if (near < large) return near;
    return Number(this.#bytes.readBigUInt64BE(headerLength + this.count * 28 + (near - large) * 8));
  }
}
