import { crc32, createInflateRaw, inflateRawSync, type InflateRaw } from 'node:zlib';
import { readLocalHeader, signatures, type LocalHeader } from './zip-headers.ts';
import type { Listener } from './prove-zip.ts';

const none = Buffer.alloc(0);

/** What an entry came to while it passed. */
export interface PassedEntry {
  name: string;
  crc: number;
  /** bytes, packed and unpacked */
  packed: number;
  unpacked: number;
}

/** The entry that passes now. */
interface Passing extends PassedEntry {
  header: LocalHeader;
  offset: number;
  hear: ((piece: Uint8Array) => void) | undefined;
  inflate?: Inflating;
}

/** Bytes; an entry of no more is unpacked in one go. */
const mostAtOnce = 64 * 1024;
/** Unpacked bytes, or times the packed ones when that is more, after which it is left to be read with bounds. */
const mostBytes = 4 * 1024 ** 3;
const mostTimes = 50;
const mostEntries = 1_000_000;
/** Lengths of what may stand behind an entry whose sizes come late: with and without a signature, 32 and 64 bits. */
const descriptors = [16, 24, 12, 20];

/**
 * Unpacks a zip while its bytes pass on their way into the store, so that it need not be read back to be proved: only its
 * directory, which comes last and must name the very entries that passed. A zip that is written otherwise than usual is given
 * up here, and read back.
 */
export class PassingZip {
  readonly #entries = new Map<number, PassedEntry>();
  readonly #listen: Listener | undefined;
  #state: 'header' | 'body' | 'descriptor' | 'directory' | 'given up' = 'header';
  /** of the next byte that is looked at */
  #at = 0;
  #unpacked = 0;
  #held: Buffer = none;
  #entry: Passing | undefined;

  constructor(listen?: Listener) {
    this.#listen = listen;
  }

  /** The same body; what passes is unpacked while it is taken. */
  async *pass(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    try {
      for await (const piece of body) {
        const looking = this.#take(piece);
        yield piece;
        await looking;
      }
    } finally {
      this.#entry?.inflate?.end();
    }
  }

  /** Every entry that passed, by the offset of its header; undefined when they did not all pass in a known way. */
  get entries(): ReadonlyMap<number, PassedEntry> | undefined {
    return this.#state === 'directory' ? this.#entries : undefined;
  }

  /** Never fails: who proves the zip reads it back, and says what is wrong. */
  async #take(piece: Uint8Array): Promise<void> {
    if (this.#isOver) return;
    try {
      let bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.length);
      if (this.#held.length > 0) bytes = Buffer.concat([this.#held, bytes]);
      this.#held = none;
      while (bytes.length > 0 && !this.#isOver) {
        const used = await this.#step(bytes);
        if (used === 'more') return void (this.#held = Buffer.from(bytes));
        this.#at += used;
        bytes = bytes.subarray(used);
      }
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      this.#state = 'given up';
    }
  }

  get #isOver(): boolean {
    return this.#state === 'directory' || this.#state === 'given up';
  }

  /** Looks at the first of these bytes; how many it got through with, or that it needs more of them. */
  #step(bytes: Buffer): Promise<number | 'more'> | number | 'more' {
    if (this.#state === 'header') return this.#header(bytes);
    if (this.#state === 'descriptor') return this.#descriptor(bytes);
    const entry = this.#entry;
    if (entry === undefined) throw new TypeError('a body without an entry');
    const { method, isLate, packed } = entry.header;
    if (method === 0) return isLate ? this.#storedLate(entry, bytes) : this.#stored(entry, bytes);
    if (isLate || packed > mostAtOnce) return this.#deflated(entry, bytes);
    if (bytes.length < packed) return 'more';
    const most = Math.max(1, Math.min(entry.header.unpacked, mostAtOnce * mostTimes));
    this.#hear(entry, inflateRawSync(bytes.subarray(0, packed), { maxOutputLength: most }));
    return this.#end(entry, packed);
  }

  #header(bytes: Buffer): number | 'more' {
    if (bytes.length < 4) return 'more';
    const signature = bytes.readUInt32LE(0);
    if (signature === signatures.central) {
      this.#state = 'directory';
      return bytes.length;
    }
    const header = signature === signatures.local ? readLocalHeader(bytes) : undefined;
    if (header === 'more') return 'more';
    const isKnown = header !== undefined && !header.isEncrypted && (header.method === 0 || header.method === 8);
    if (!isKnown || this.#entries.size === mostEntries) throw new Error('written in another way');
    const { name, length } = header;
    const hear = this.#listen?.(name);
    this.#entry = { header, name, offset: this.#at, crc: 0, packed: 0, unpacked: 0, hear };
    this.#state = 'body';
    if (!header.isLate && header.packed === 0) this.#end(this.#entry, 0);
    return length;
  }

  #stored(entry: Passing, bytes: Buffer): number {
    const some = bytes.subarray(0, entry.header.packed - entry.packed);
    this.#hear(entry, some);
    entry.packed += some.length;
    if (entry.packed === entry.header.packed) this.#end(entry, entry.packed);
    return some.length;
  }

  /** Nothing says where it ends but what stands behind it: its checksum and its sizes. */
  #storedLate(entry: Passing, bytes: Buffer): number | 'more' {
    const at = bytes.indexOf(signatures.lateBytes);
    // Its last bytes may be the first ones of the signature.
    const some = bytes.subarray(0, at === -1 ? Math.max(0, bytes.length - 3) : at);
    if (some.length > 0) {
      this.#hear(entry, some);
      entry.packed += some.length;
      return some.length;
    }
    if (at === -1 || bytes.length < 24) return 'more';
    const isSmall = bytes.readUInt32LE(8) === entry.packed && bytes.readUInt32LE(12) === entry.packed;
    const isLarge = bytes.readBigUInt64LE(8) === BigInt(entry.packed);
    if (bytes.readUInt32LE(4) === entry.crc && (isSmall || isLarge)) {
      this.#end(entry, entry.packed);
      this.#state = 'descriptor';
      return 0;
    }
    this.#hear(entry, bytes.subarray(0, 4));
    entry.packed += 4;
    return 4;
  }

  async #deflated(entry: Passing, bytes: Buffer): Promise<number> {
    const { isLate, packed } = entry.header;
    const inflate = (entry.inflate ??= new Inflating((piece) => this.#hear(entry, piece)));
    const some = isLate ? bytes : bytes.subarray(0, packed - entry.packed);
    const used = await inflate.write(some);
    entry.packed += used;
    if (!isLate && entry.packed === packed) await inflate.finish();
    else if (!isLate && inflate.isAtEnd) throw new Error('it ends before it should');
    if (inflate.isAtEnd) this.#end(entry, entry.packed);
    return used;
  }

  #descriptor(bytes: Buffer): number | 'more' {
    if (bytes.length < 28) return 'more';
    const length = descriptors.find((each) => signatures.next.has(bytes.readUInt32LE(each)));
    if (length === undefined) throw new Error('nothing known follows');
    this.#state = 'header';
    return length;
  }

  #hear(entry: Passing, piece: Uint8Array): void {
    entry.crc = crc32(piece, entry.crc);
    entry.unpacked += piece.length;
    this.#unpacked += piece.length;
    entry.hear?.(piece);
    if (this.#unpacked > Math.max(mostBytes, this.#at * mostTimes)) throw new Error('it unpacks to very much');
  }

  #end(entry: Passing, packed: number): number {
    const { name, crc, unpacked, offset, header } = entry;
    this.#entries.set(offset, { name, crc, packed, unpacked });
    this.#entry = undefined;
    this.#state = header.isLate ? 'descriptor' : 'header';
    return packed;
  }
}

/** A deflated entry that is unpacked piece by piece, on another thread. */
class Inflating {
  readonly #inflate: InflateRaw;
  isAtEnd = false;

  constructor(hear: (piece: Uint8Array) => void) {
    this.#inflate = createInflateRaw({ chunkSize: 256 * 1024 });
    // Who waits for an answer hears of it; nobody else need.
    this.#inflate.on('error', () => undefined);
    this.#inflate.on('data', (piece: Buffer) => {
      try {
        hear(piece);
      } catch (error) {
        this.#inflate.destroy(error as Error);
      }
    });
  }

  /** How many of these bytes it took; fewer when it has come to its end. */
  async write(bytes: Buffer): Promise<number> {
    const before = this.#inflate.bytesWritten;
    const failed = Promise.withResolvers<never>();
    this.#inflate.once('error', failed.reject);
    const written = new Promise<void>((resolve, reject) => {
      this.#inflate.write(bytes, (error) => (error ? reject(error) : resolve()));
    });
    await Promise.race([written, failed.promise]);
    this.#inflate.off('error', failed.reject);
    const used = this.#inflate.bytesWritten - before;
    this.isAtEnd = used < bytes.length;
    return used;
  }

  /** It must be at its end now. Throws when it is not. */
  async finish(): Promise<void> {
    if (this.isAtEnd) return;
    await new Promise<void>((resolve, reject) => {
      this.#inflate.once('error', reject).once('end', resolve).end();
    });
    this.isAtEnd = true;
  }

  /** Nothing more comes. */
  end(): void {
    this.#inflate.destroy();
  }
}
