import { createHash } from 'node:crypto';
import { pipeline, Readable } from 'node:stream';
import { constants, createInflate, inflateSync } from 'node:zlib';
import { isCode } from '../errors.ts';
import { decodeCommit, type Commit } from '../git/commit.ts';
import { looseName, packName } from '../git/layout.ts';
import { Lru } from '../git/lru.ts';
import { ObjectReader, type GitObject } from '../git/object-reader.ts';
import { isType, readEntryHeader, type ObjectType } from '../git/pack/pack-entry.ts';
import { Packs, type Place } from '../git/pack/packs.ts';
import { decodeTree, type TreeEntry } from '../git/tree-bytes.ts';
import type { BlobStore, Range } from '../storage/blob-store.ts';
import { damagedSource } from './refusals.ts';

/** An object on its way: what it is, how long, and its bytes. */
export interface OpenObject {
  type: ObjectType;
  /** bytes */
  size: number;
  body: AsyncIterable<Uint8Array>;
}

/** Bytes above which an object is not held in memory, as long as it is no delta. */
export const mostInMemory = 16 * 1024 * 1024;
const mostTreeBytes = 16 * 1024 * 1024;
/** Longest header of an entry, or of a loose object once it is inflated. */
const headerLength = 64;

/** The objects of the old repository: whole where they are small, as streams where they are large. Throws TAKEOVER_REFUSED. */
export class OldObjects {
  readonly #store: BlobStore;
  readonly #reader: ObjectReader;
  readonly #packs: Packs;
  readonly #trees = new Lru<TreeEntry[]>(mostTreeBytes, (entries) => 100 + entries.length * 200);

  /** @param packs names (40 hex digits) of all its packs */
  constructor(store: BlobStore, packs: readonly string[]) {
    this.#store = store;
    this.#reader = new ObjectReader(store, packs);
    this.#packs = new Packs(store, packs);
  }

  async commit(oid: string): Promise<Commit> {
    return decodeCommit(oid, await this.read(oid));
  }

  tree(oid: string): Promise<readonly TreeEntry[]> {
    return this.#trees.get(oid, async () => decodeTree(await this.read(oid)));
  }

  /** The id of what lies at a path; undefined where nothing does. */
  async at(root: string, path: string): Promise<string | undefined> {
    let oid: string | undefined = root;
    for (const name of path.split('/')) {
      const entries: readonly TreeEntry[] = oid === undefined ? [] : await this.tree(oid);
      const entry = entries.find((each) => each.name === name);
      oid = entry?.oid;
      if (entry?.type !== 'tree' && !path.endsWith(name)) return undefined;
    }
    return oid;
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
    const place = await this.#packs.find(oid);
    const large = place === undefined ? await this.#openLoose(oid) : await this.#openPacked(oid, place);
    if (large !== undefined && large.size > mostInMemory) return large;
    const { type, bytes } = await this.object(oid);
    return { type, size: bytes.length, body: Readable.from([bytes]) };
  }

  async #told<T>(oid: string, read: () => Promise<T | undefined>): Promise<T> {
    try {
      const found = await read();
      if (found !== undefined) return found;
    } catch (error) {
      if (!isCode(error, 'STORE_DAMAGED')) throw error;
      throw damagedSource(this.#store, error.message, error);
    }
    throw damagedSource(this.#store, `The object ${oid} is missing.`);
  }

  /** Undefined of deltas: git makes none of what is larger than 512 MB. */
  async #openPacked(oid: string, { pack, offset }: Place): Promise<OpenObject | undefined> {
    const name = packName(pack);
    const head = await this.#store.get(name, { start: offset, length: headerLength });
    const header = head && readEntryHeader(head.bytes);
    if (head === undefined || header?.type === undefined) return undefined;
    const start = offset + header.length;
    const { type, size } = header;
    const bytes = this.#inflated(name, { start, length: head.size - start });
    return { type, size, body: this.#proven(oid, type, size, bytes) };
  }

  async #openLoose(oid: string): Promise<OpenObject | undefined> {
    const name = looseName(oid);
    const head = await this.#store.get(name, { start: 0, length: 512 });
    if (head === undefined) return undefined;
    const [, type = '', length = ''] = /^(\w+) (\d+)\0/.exec(beginning(head.bytes)) ?? [];
    if (!isType(type)) throw damagedSource(this.#store, `${name} is damaged.`);
    const size = Number(length);
    const bytes = behind(`${type} ${length}\0`.length, this.#inflated(name));
    return { type, size, body: this.#proven(oid, type, size, bytes) };
  }

  /** What the zlib stream in a blob holds; opened only when it is read, and what lies behind it is not looked at. */
  async *#inflated(name: string, range?: Range): AsyncGenerator<Uint8Array> {
    const found = await this.#store.stream(name, range);
    if (found === undefined) throw damagedSource(this.#store, `${name} is missing.`);
    // The error of either reaches whoever reads.
    yield* pipeline(Readable.from(found.body), createInflate({ chunkSize: 256 * 1024 }), () => undefined);
  }

  async *#proven(oid: string, type: ObjectType, size: number, body: AsyncIterable<Uint8Array>) {
    const hash = createHash('sha1').update(`${type} ${size}\0`);
    try {
      for await (const piece of body) {
        hash.update(piece);
        yield piece;
      }
    } catch (cause) {
      throw damagedSource(this.#store, `The object ${oid} is damaged.`, cause);
    }
    if (hash.digest('hex') !== oid) throw damagedSource(this.#store, `The object ${oid} is damaged.`);
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
