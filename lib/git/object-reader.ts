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
  type EntryHeader,
  type ObjectType,
} from './pack/pack-entry.ts';
import { Packs, type Place } from './pack/packs.ts';

/** A git object. */
export interface GitObject {
  type: ObjectType;
  bytes: Buffer;
}

/** What an object is, without its bytes. */
export type Description = Pick<GitObject, 'type'> & { size: number };

/** Enough for most trees and commits, in one request. */
const firstRead = 8192;
/** git itself makes chains of up to 50 deltas, 250 when asked to pack aggressively. */
export const longestChain = 4096;

/** What one object has cost: deltas may lead in a circle, and each of their bases may be damaged in several packs. */
interface Effort {
  /** of packs, that were read for it */
  entries: number;
}

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
    return this.#read(oid, { entries: 0 });
  }

  /** What an object is, without its bytes; undefined when the repository does not have it. Throws STORE_DAMAGED. */
  async describe(oid: string): Promise<Description | undefined> {
    return this.#describe(oid, { entries: 0 });
  }

  async #describe(oid: string, effort: Effort): Promise<Description | undefined> {
    const packed = await this.#packs.use(oid, (place) => this.#describeEntry(place, effort));
    if (packed !== undefined) return packed;
    const loose = await this.#readLoose(oid);
    return loose && { type: loose.type, size: loose.bytes.length };
  }

  async #describeEntry(place: Place, effort: Effort): Promise<Description> {
    const { header, head } = await this.#begin(place, effort);
    if (header.type !== undefined) return { type: header.type, size: header.size };
    const rest = head.subarray(header.length);
    const { base, length } = baseOf(place, header.code, rest);
    const below = await (typeof base === 'string' ? this.#describe(base, effort) : this.#describeEntry(base, effort));
    if (below === undefined) throw damaged(place);
    return { type: below.type, size: sizeInDelta(rest.subarray(length)) };
  }

  async #read(oid: string, effort: Effort): Promise<GitObject | undefined> {
    const packed = await this.#packs.use(oid, async (place) => {
      const found = await this.#readEntry(place, effort);
      if (hashObject(found.type, found.bytes) !== oid) throw damaged(place);
      return found;
    });
    return packed ?? this.#readLoose(oid);
  }

  async #readEntry(place: Place, effort: Effort): Promise<GitObject> {
    const { header, head } = await this.#begin(place, effort);
    // The bytes of the next entry behind it do no harm.
    const most = mostEntryBytes(header);
    const bytes = most > firstRead ? await this.#readRange(place, most) : head;
    const rest = bytes.subarray(header.length);
    if (header.type !== undefined) return { type: header.type, bytes: inflate(place, rest, header.size) };
    const { base, length } = baseOf(place, header.code, rest);
    const below = await (typeof base === 'string' ? this.#read(base, effort) : this.#readEntry(base, effort));
    if (below === undefined) throw damaged(place);
    return { type: below.type, bytes: applyDelta(below.bytes, inflate(place, rest.subarray(length), header.size)) };
  }

  /** The header of an entry, and its first bytes. */
  async #begin(place: Place, effort: Effort): Promise<{ header: EntryHeader; head: Buffer }> {
    effort.entries += 1;
    if (effort.entries > longestChain) throw damaged(place);
    const head = await this.#readRange(place, firstRead);
    const header = readEntryHeader(head);
    if (header === undefined) throw damaged(place);
    return { header, head };
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

/** What a delta builds on, by its id or its place, and how many bytes say so. Throws STORE_DAMAGED. */
export function baseOf(place: Place, code: number, rest: Buffer): { base: string | Place; length: number } {
  if (code === refDelta && rest.length >= 20) return { base: rest.toString('hex', 0, 20), length: 20 };
  if (code !== offsetDelta) throw damaged(place);
  const { distance, length } = readDistance(rest);
  const offset = place.offset - distance;
  if (distance <= 0 || offset <= 0) throw damaged(place);
  return { base: { ...place, offset }, length };
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
