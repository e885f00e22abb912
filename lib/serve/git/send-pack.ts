import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { BackupError } from '../../errors.ts';
import { readDistance } from '../../git/pack/delta.ts';
import type { ObjectSet, ObjectTable, TablePack } from '../../git/pack/object-table.ts';
import { ObjectSet as Sent } from '../../git/pack/object-table.ts';
import { encodeEntry, entryHeader, offsetDelta, readEntryHeader, refDelta } from '../../git/pack/pack-entry.ts';
import { PackStream } from '../../git/pack/pack-stream.ts';
import { packHeader } from '../../git/pack/write-pack.ts';
import { packName } from '../../git/layout.ts';
import type { ObjectReader } from '../../git/object-reader.ts';
import type { BlobStore } from '../../storage/blob-store.ts';
import type { Collected } from './collect.ts';
import { missing } from './missing.ts';

/** Where the objects are. */
export interface PackSources {
  store: BlobStore;
  reader: ObjectReader;
  table: ObjectTable;
}

/** Entries are in memory up to this size, bytes; what is larger passes through. */
const mostHeld = 1024 * 1024;
/** Bytes between two entries that are read with them rather than left out by another request. */
const mostGap = 128 * 1024;

/**
 * A pack of these objects: the entries as they lie in the packs of the archive, checked against their indexes. Throws
 * STORE_DAMAGED before the checksum at its end, so that no client takes it for whole.
 */
export async function* sendPack(sources: PackSources, { packed, loose }: Collected): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha1');
  for await (const bytes of entries(sources, packed, loose)) {
    hash.update(bytes);
    yield bytes;
  }
  yield hash.digest();
}

async function* entries(
  sources: PackSources,
  packed: ObjectSet,
  loose: ReadonlySet<string>,
): AsyncGenerator<Uint8Array> {
  yield packHeader(packed.size + loose.size);
  const sent = new Sent(sources.table.count);
  for (const pack of sources.table.packs) yield* new Copying(sources, pack, sent).copy(packed);
  for (const oid of loose) yield (await encoded(sources.reader, oid)).bytes;
}

/** An object made anew. */
async function encoded(reader: ObjectReader, oid: string) {
  const { type, bytes } = (await reader.read(oid)) ?? missing(oid);
  return encodeEntry(type, bytes);
}

/** An entry of the pack that is copied. */
interface Wanted {
  /** its place in the index */
  n: number;
  start: number;
  length: number;
}

/** Copies entries of one pack, in the order in which they lie there. */
class Copying {
  readonly #sources: PackSources;
  readonly #pack: TablePack;
  readonly #sent: Sent;

  constructor(sources: PackSources, pack: TablePack, sent: Sent) {
    this.#sources = sources;
    this.#pack = pack;
    this.#sent = sent;
  }

  async *copy(wanted: ObjectSet): AsyncGenerator<Uint8Array> {
    const { name, index, first } = this.#pack;
    const order = index.packOrder();
    if (!order.some((n) => wanted.has(first + n))) return;
    const size = (await this.#sources.store.stat(packName(name)))?.size ?? this.#gone();
    let run: Wanted[] = [];
    for (const [place, n] of order.entries()) {
      if (!wanted.has(first + n)) continue;
      const next = order[place + 1];
      const start = index.offset(n);
      const length = (next === undefined ? size - 20 : index.offset(next)) - start;
      const last = run.at(-1);
      if (last !== undefined && start - last.start - last.length > mostGap) {
        yield* this.#copyRun(run, order);
        run = [];
      }
      run.push({ n, start, length });
    }
    yield* this.#copyRun(run, order);
  }

  /** Entries that lie near to each other, in one request. */
  async *#copyRun(run: readonly Wanted[], order: Uint32Array): AsyncGenerator<Uint8Array> {
    const [head, last] = [run[0], run.at(-1)];
    if (head === undefined || last === undefined) return;
    const range = { start: head.start, length: last.start + last.length - head.start };
    const stream = (await PackStream.open(this.#sources.store, packName(this.#pack.name), range)) ?? this.#gone();
    try {
      for (const entry of run) {
        await skip(stream, entry.start - stream.offset);
        if (entry.length > mostHeld) yield* this.#pass(stream, entry, order);
        else {
          const bytes = await stream.peek(entry.length);
          stream.pass(bytes.length);
          yield* this.#checked(bytes, entry, order);
        }
        this.#sent.add(this.#pack.first + entry.n);
      }
    } finally {
      await stream.close();
    }
  }

  async *#checked(bytes: Buffer, entry: Wanted, order: Uint32Array): AsyncGenerator<Uint8Array> {
    const { oid, crc } = this.#pack.index.entry(entry.n);
    // Another pack may hold it undamaged.
    if (bytes.length !== entry.length || crc32(bytes) !== crc)
      return void (yield (await encoded(this.#sources.reader, oid)).bytes);
    const delta = this.#deltaOf(bytes, entry, order);
    if (delta === undefined) yield bytes;
    else if (delta.base === undefined) yield (await encoded(this.#sources.reader, oid)).bytes;
    else yield Buffer.concat([delta.header, delta.base, bytes.subarray(delta.length)]);
  }

  /** An entry that is too large to be held: a damage in it is found behind it. */
  async *#pass(stream: PackStream, entry: Wanted, order: Uint32Array): AsyncGenerator<Uint8Array> {
    const { oid, crc } = this.#pack.index.entry(entry.n);
    const delta = this.#deltaOf(await stream.peek(40), entry, order);
    if (delta !== undefined && delta.base === undefined) {
      await skip(stream, entry.length);
      return void (yield (await encoded(this.#sources.reader, oid)).bytes);
    }
    let found = 0;
    let left = entry.length;
    const take = async (most: number) => {
      const bytes = await stream.peek(Math.min(left, most));
      if (bytes.length === 0) throw this.#damaged(entry);
      stream.pass(bytes.length);
      left -= bytes.length;
      found = crc32(bytes, found);
      return bytes;
    };
    if (delta?.base !== undefined) {
      await take(delta.length);
      yield Buffer.concat([delta.header, delta.base]);
    }
    while (left > 0) yield await take(256 * 1024);
    if (found !== crc) throw this.#damaged(entry);
  }

  /**
   * How a delta is sent on: its base by name, when the client has got it already in this pack. Not so without a base: then the
   * object goes whole. Undefined for what is no delta.
   */
  #deltaOf(bytes: Buffer, entry: Wanted, order: Uint32Array) {
    const { type, code, size, length } = readEntryHeader(bytes) ?? this.#damagedNow(entry);
    if (type !== undefined) return undefined;
    const header = entryHeader(refDelta, size);
    if (code === refDelta) {
      const base = bytes.subarray(length, length + 20);
      const n = base.length === 20 ? this.#sources.table.find(base) : undefined;
      return { header, base: n !== undefined && this.#sent.has(n) ? base : undefined, length: length + 20 };
    }
    if (code !== offsetDelta) return this.#damagedNow(entry);
    const found = readDistance(bytes.subarray(length));
    const base = this.#baseAt(entry.start - found.distance, order);
    return { header, base, length: length + found.length };
  }

  /** The id of the object that starts there, when it was sent. */
  #baseAt(start: number, order: Uint32Array): Buffer | undefined {
    const { index } = this.#pack;
    let low = 0;
    let high = order.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (index.offset(order[middle] ?? 0) < start) low = middle + 1;
      else high = middle;
    }
    const n = order[low];
    if (n === undefined || index.offset(n) !== start) return undefined;
    const oid = Buffer.from(index.entry(n).oid, 'hex');
    // It may have been sent out of another pack.
    const number = this.#sources.table.find(oid);
    return number !== undefined && this.#sent.has(number) ? oid : undefined;
  }

  #damaged({ start }: Wanted): BackupError {
    return new BackupError('STORE_DAMAGED', `${packName(this.#pack.name)} is damaged at byte ${start}.`);
  }

  #damagedNow(entry: Wanted): never {
    throw this.#damaged(entry);
  }

  #gone(): never {
    throw new BackupError('STORE_DAMAGED', `${packName(this.#pack.name)} is missing.`);
  }
}

async function skip(stream: PackStream, length: number): Promise<void> {
  for (let left = length; left > 0;) {
    const bytes = await stream.peek(Math.min(left, 1 << 18));
    if (bytes.length === 0) return;
    stream.pass(bytes.length);
    left -= bytes.length;
  }
}
