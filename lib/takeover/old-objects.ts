import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { constants, inflateSync } from 'node:zlib';
import { isCode } from '../errors.ts';
import { decodeCommit, type Commit } from '../git/commit.ts';
import { looseName, packName } from '../git/layout.ts';
import { Lru } from '../git/lru.ts';
import { baseOf, longestChain, ObjectReader, type GitObject } from '../git/object-reader.ts';
import { sizeInDelta } from '../git/pack/delta.ts';
import { isType, readEntryHeader, type ObjectType } from '../git/pack/pack-entry.ts';
import { Packs, type Place } from '../git/pack/packs.ts';
import { decodeTree, type TreeEntry } from '../git/tree-bytes.ts';
import type { BlobInfo, BlobStore } from '../storage/blob-store.ts';
import { inflated, provenLoose } from './inflate.ts';
import { rebuild } from './rebuild.ts';
import { damagedSource } from './refusals.ts';

/** An object on its way: what it is, how long, and its bytes. */
export interface OpenObject {
  type: ObjectType;
  /** bytes */
  size: number;
  body: AsyncIterable<Uint8Array>;
}

/** One step of a chain: bytes of what it makes, and the delta itself. */
interface Delta {
  size: number;
  body: () => AsyncIterable<Uint8Array>;
}

/** Bytes above which an object, or what git makes it of, is not held in memory. */
export const mostInMemory = 16 * 1024 * 1024;
const mostTreeBytes = 16 * 1024 * 1024;
/** Longest header of a loose object once it is inflated. */
const headerLength = 64;
/** Of an entry: header, id of a base, and as much of a zlib stream as tells the sizes in a delta. */
const headLength = 640;

/** The objects of the old repository: whole where they are small, as streams where they are large. Throws TAKEOVER_REFUSED. */
export class OldObjects {
  readonly #store: BlobStore;
  readonly #folder: string;
  readonly #reader: ObjectReader;
  readonly #packs: Packs;
  readonly #trees = new Lru<TreeEntry[]>(mostTreeBytes, (entries) => 100 + entries.length * 200);

  /**
   * @param folder the git directory that the store is
   * @param packs names (40 hex digits) of all its packs
   */
  constructor(store: BlobStore, folder: string, packs: readonly string[]) {
    this.#store = store;
    this.#folder = folder;
    this.#reader = new ObjectReader(store, packs);
    this.#packs = new Packs(store, packs);
  }

  async commit(oid: string): Promise<Commit> {
    return decodeCommit(oid, await this.read(oid));
  }

  tree(oid: string): Promise<readonly TreeEntry[]> {
    return this.#trees.get(oid, async () => decodeTree(await this.read(oid)));
  }

  /** An object, whole. */
  object(oid: string): Promise<GitObject> {
    return this.#told(oid, () => this.#reader.read(oid));
  }

  /** An object's bytes. */
  async read(oid: string): Promise<Buffer> {
    return (await this.object(oid)).bytes;
  }

  /** An object as a stream that fails where its bytes are not those of its id. */
  async open(oid: string): Promise<OpenObject> {
    const large = await this.#telling(() => this.#openLarge(oid));
    if (large !== undefined) return large;
    const { type, bytes } = await this.object(oid);
    return { type, size: bytes.length, body: Readable.from([bytes]) };
  }

  /** Bytes of a loose object, by its header. */
  async looseSize(oid: string): Promise<number> {
    return (await this.#told(oid, () => this.#openLoose(oid))).size;
  }

  /** A loose object as it lies, compressed; it fails at its end where what it holds is not what its id says. */
  async loose(oid: string): Promise<{ info: BlobInfo; body: AsyncIterable<Uint8Array> }> {
    const name = looseName(oid);
    const found = await this.#store.stream(name);
    if (found === undefined) throw damagedSource(this.#store, `${name} is missing.`);
    return { info: found.info, body: this.#sound(oid, provenLoose(found.body, oid)) };
  }

  async #openLarge(oid: string): Promise<OpenObject | undefined> {
    const place = await this.#packs.find(oid);
    if (place !== undefined) return this.#openPacked(oid, place);
    const loose = await this.#openLoose(oid);
    return loose !== undefined && loose.size > mostInMemory ? loose : undefined;
  }

  async #told<T>(oid: string, read: () => Promise<T | undefined>): Promise<T> {
    const found = await this.#telling(read);
    if (found === undefined) throw damagedSource(this.#store, `The object ${oid} is missing.`);
    return found;
  }

  async #telling<T>(read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      if (!isCode(error, 'STORE_DAMAGED')) throw error;
      throw damagedSource(this.#store, error.message, error);
    }
  }

  /** Undefined where all that it is made of is small, or a chain of deltas ends in nothing: who reads the object whole tells what is wrong with it. */
  async #openPacked(oid: string, place: Place): Promise<OpenObject | undefined> {
    const deltas: Delta[] = [];
    let at: Place | undefined = place;
    while (at !== undefined && deltas.length < longestChain) {
      const name = packName(at.pack);
      const head = await this.#store.get(name, { start: at.offset, length: headLength });
      const header = head && readEntryHeader(head.bytes);
      if (head === undefined || header === undefined) return undefined;
      const from = (start: number) => inflated(join(this.#folder, name), start);
      const start = at.offset + header.length;
      if (header.type !== undefined)
        return this.#built(oid, { type: header.type, size: header.size, body: from(start) }, deltas);
      const rest = head.bytes.subarray(header.length);
      const { base, length } = baseOf(at, header.code, rest);
      deltas.unshift({ size: sizeInDelta(rest.subarray(length)), body: () => from(start + length) });
      at = typeof base === 'string' ? await this.#packs.find(base) : base;
      const loose = typeof base === 'string' && at === undefined ? await this.#openLoose(base) : undefined;
      if (loose !== undefined) return this.#built(oid, loose, deltas);
    }
    return undefined;
  }

  #built(oid: string, base: OpenObject, deltas: readonly Delta[]): OpenObject | undefined {
    const { type } = base;
    const size = deltas.at(-1)?.size ?? base.size;
    if (Math.max(base.size, ...deltas.map((each) => each.size)) <= mostInMemory) return undefined;
    const bodies = deltas.map(({ body }) => body);
    const bytes = bodies.length === 0 ? base.body : rebuild(base.body, bodies);
    return { type, size, body: this.#proven(oid, type, size, bytes) };
  }

  async #openLoose(oid: string): Promise<OpenObject | undefined> {
    const name = looseName(oid);
    const head = await this.#store.get(name, { start: 0, length: 512 });
    if (head === undefined) return undefined;
    const [, type = '', length = ''] = /^(\w+) (\d+)\0/.exec(beginning(head.bytes)) ?? [];
    if (!isType(type)) throw damagedSource(this.#store, `${name} is damaged.`);
    const size = Number(length);
    const bytes = behind(`${type} ${length}\0`.length, inflated(join(this.#folder, name)));
    return { type, size, body: this.#proven(oid, type, size, bytes) };
  }

  async *#proven(oid: string, type: ObjectType, size: number, body: AsyncIterable<Uint8Array>) {
    const hash = createHash('sha1').update(`${type} ${size}\0`);
    for await (const piece of this.#sound(oid, body)) {
      hash.update(piece);
      yield piece;
    }
    if (hash.digest('hex') !== oid) throw damagedSource(this.#store, `The object ${oid} is damaged.`);
  }

  /** Whatever fails in the old repository is its damage. */
  async *#sound<T>(oid: string, body: AsyncIterable<T>): AsyncGenerator<T> {
    try {
      yield* body;
    } catch (cause) {
      if (isCode(cause, 'TARGET_FULL')) throw cause;
      throw damagedSource(this.#store, `The object ${oid} is damaged.`, cause);
    }
  }
}

/** The first bytes of a loose object, as text; nothing where they are none. */
function beginning(bytes: Buffer): string {
  try {
    return inflateSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH }).toString('latin1', 0, headerLength);
  } catch (error) {
    if (error instanceof Error && /^Z_/.test((error as NodeJS.ErrnoException).code ?? '')) return '';
    throw error;
  }
}

/** A body without its first bytes. */
async function* behind(count: number, body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let left = count;
  for await (const piece of body) {
    yield piece.subarray(Math.min(left, piece.length));
    left = Math.max(0, left - piece.length);
  }
}
