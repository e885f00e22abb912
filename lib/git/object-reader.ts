import { inflateSync } from 'node:zlib';
import { BackupError } from '../errors.ts';
import type { BlobStore } from '../storage/blob-store.ts';
import { applyDelta, readDistance, sizeInDelta } from './pack/delta.ts';
import { looseName, packName } from './layout.ts';
import {
  hashObject,
  inflateEntry,
  isType,
  mostEntryBytes,
  offsetDelta,
  readEntryHeader,
  refDelta,
  type ObjectType,
} from './pack/pack-entry.ts';
import { Packs, type Place } from './pack/packs.ts';

/** A git object. */
export interface GitObject {
  type: ObjectType;
  bytes: Buffer;
}

/** Enough for most trees and commits, in one request. */
const firstRead = 8192;
/** git itself makes chains of up to 50 deltas, 250 when asked to pack aggressively. */
const longestChain = 4096;

/**
 * Reads objects by id out of the packs that objects/info/packs lists, newest first, each with one or two range reads; a
 * pack is never read whole. Deltas and loose objects, as a person's git may leave them, are read too.
 */
export class ObjectReader {
  readonly #store: BlobStore;
  readonly #packs: Packs;

  /** @param packs only these, in place of those that objects/info/packs lists */
  constructor(store: BlobStore, packs?: readonly string[] | Packs) {
    this.#store = store;
    this.#packs = packs instanceof Packs ? packs : new Packs(store, packs);
  }

  /** Forgets which packs there are; the next read asks again. */
  refresh(): void {
    this.#packs.refresh();
  }

  /** Does the repository have this object? Throws STORE_DAMAGED. */
  async has(oid: string): Promise<boolean> {
    return (await this.#packs.find(oid)) !== undefined || (await this.#store.stat(looseName(oid))) !== undefined;
  }

  /** The object, checked against its id; undefined when the repository does not have it. Throws STORE_DAMAGED. */
  async read(oid: string): Promise<GitObject | undefined> {
    return this.#read(oid, 0);
  }

  /** What an object is, without its bytes; undefined when the repository does not have it. Throws STORE_DAMAGED. */
  async describe(oid: string): Promise<{ type: ObjectType; size: number } | undefined> {
    const packed = await this.#packs.use(oid, (place) => this.#describeAt(place, 0));
    if (packed !== undefined) return packed;
    const loose = await this.#readLoose(oid);
    return loose && { type: loose.type, size: loose.bytes.length };
  }

  async #describeAt(place: Place, depth: number): Promise<{ type: ObjectType; size: number }> {
    if (depth > longestChain) throw damaged(place);
    const head = await this.#readRange(place, firstRead);
    const header = readEntryHeader(head);
    if (header === undefined) throw damaged(place);
    const { type, size, code } = header;
    if (type !== undefined) return { type, size };
    const rest = head.subarray(header.length);
    const base = await this.#describeBase(place, code, rest, depth);
    return { type: base.type, size: sizeInDelta(rest.subarray(base.length)) };
  }

  async #describeBase(place: Place, code: number, rest: Buffer, depth: number) {
    if (code === refDelta) {
      const base = await this.describe(rest.toString('hex', 0, 20));
      if (base !== undefined) return { ...base, length: 20 };
    } else if (code === offsetDelta) {
      const { distance, length } = readDistance(rest);
      const offset = place.offset - distance;
      if (distance > 0 && offset > 0) return { ...(await this.#describeAt({ ...place, offset }, depth + 1)), length };
    }
    throw damaged(place);
  }

  async #read(oid: string, depth: number): Promise<GitObject | undefined> {
    const packed = await this.#packs.use(oid, async (place) => {
      const found = await this.#readEntry(place, depth);
      if (hashObject(found.type, found.bytes) !== oid) throw damaged(place);
      return found;
    });
    return packed ?? this.#readLoose(oid);
  }

  async #readEntry(place: Place, depth: number): Promise<GitObject> {
    if (depth > longestChain) throw damaged(place);
    const head = await this.#readRange(place, firstRead);
    const header = readEntryHeader(head);
    if (header === undefined) throw damaged(place);
    // The bytes of the next entry behind it do no harm.
    const most = mostEntryBytes(header);
    const bytes = most > firstRead ? await this.#readRange(place, most) : head;
    const rest = bytes.subarray(header.length);
    if (header.type !== undefined) return { type: header.type, bytes: inflate(place, rest, header.size) };
    const base = await this.#readBase(place, header.code, rest, depth);
    const delta = inflate(place, rest.subarray(base.length), header.size);
    return { type: base.type, bytes: applyDelta(base.bytes, delta) };
  }

  /** The object that a delta builds on, and how many bytes its address took. */
  async #readBase(place: Place, code: number, rest: Buffer, depth: number): Promise<GitObject & { length: number }> {
    if (code === refDelta) {
      const object = await this.#read(rest.toString('hex', 0, 20), depth + 1);
      if (object !== undefined) return { ...object, length: 20 };
    } else if (code === offsetDelta) {
      const { distance, length } = readDistance(rest);
      const offset = place.offset - distance;
      if (distance > 0 && offset > 0) return { ...(await this.#readEntry({ ...place, offset }, depth + 1)), length };
    }
    throw damaged(place);
  }

  async #readRange(place: Place, length: number): Promise<Buffer> {
    const blob = await this.#store.get(packName(place.pack), { start: place.offset, length });
    if (blob === undefined) throw new BackupError('STORE_DAMAGED', `${packName(place.pack)} is missing.`);
    return blob.bytes;
  }

  async #readLoose(oid: string): Promise<GitObject | undefined> {
    const blob = await this.#store.get(looseName(oid));
    const found = blob && unwrap(blob.bytes, looseName(oid));
    if (found === undefined || hashObject(found.type, found.bytes) === oid) return found;
    throw new BackupError('STORE_DAMAGED', `${looseName(oid)} is damaged.`);
  }
}

function inflate(place: Place, bytes: Buffer, size: number): Buffer {
  const body = inflateEntry(bytes, size);
  if (body === undefined) throw damaged(place);
  return body;
}

function damaged({ pack, offset }: Place): BackupError {
  return new BackupError('STORE_DAMAGED', `${packName(pack)} is damaged at byte ${offset}.`);
}

/** Reads a loose object: zlib over `<type> <size>\0<bytes>`. Throws STORE_DAMAGED. */
function unwrap(loose: Buffer, name: string): GitObject {
  try {
    const bytes = inflateSync(loose);
    const end = bytes.indexOf(0);
    const type = bytes.toString('latin1', 0, end).split(' ')[0] ?? '';
    if (isType(type)) return { type, bytes: bytes.subarray(end + 1) };
  } catch (cause) {
    throw new BackupError('STORE_DAMAGED', `${name} is damaged.`, { cause });
  }
  throw new BackupError('STORE_DAMAGED', `${name} is damaged.`);
}
