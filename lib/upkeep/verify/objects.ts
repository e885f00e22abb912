import { readManifest } from '../../archive/item-manifest.ts';
import { isCode } from '../../errors.ts';
import { readPointer, type Large } from '../../archive/lfs.ts';
import { ObjectReader, type GitObject } from '../../git/object-reader.ts';
import { withBlocks } from '../../git/pack/pack-blocks.ts';
import { Packs } from '../../git/pack/packs.ts';
import { decodeTree, type TreeEntry } from '../../git/tree-bytes.ts';
import type { BlobStore } from '../../storage/blob-store.ts';
import { Catalog } from './catalog.ts';

/** A commit: its tree and its parents. */
export interface Commit {
  tree: string;
  parents: string[];
}

/** A part of an item that is a Git LFS object. */
export interface LargePart extends Large {
  /** below the item's folder */
  path: string;
}

/** Bytes that are read of a pack at once: the files of an item lie together there, the folders of the latest commit do not. */
const blockSize = 64 * 1024;
/** Bytes of objects that are held, so that a small archive is not read twice. */
const mostHeld = 16 * 1024 * 1024;

/**
 * The objects of the archive, each read when it is asked for, and checked against its id. Of what the catalog knows to be sound nothing
 * more is held than there is room for.
 */
export class Objects {
  readonly #store: BlobStore;
  readonly #reader: ObjectReader;
  readonly #catalog: Catalog;
  readonly #held = new Map<string, GitObject>();
  #room = mostHeld;

  /**
   * @param packs only these, in place of those that objects/info/packs lists
   * @param catalog what reading whole packs has found
   */
  constructor(store: BlobStore, packs?: readonly string[], catalog = new Catalog()) {
    this.#catalog = catalog;
    this.#store = withBlocks(store, blockSize);
    this.#reader = this.#readerOf(packs);
  }

  /** Takes a sound object that somebody has read, if there is room for it. */
  hold(oid: string, object: GitObject): void {
    const size = object.bytes.length + 200;
    if (size > this.#room || this.#held.has(oid)) return;
    this.#room -= size;
    // A copy: what zlib gives is a piece of 16 KiB, however short the object is.
    this.#held.set(oid, { type: object.type, bytes: Buffer.from(object.bytes) });
  }

  /** Undefined when it is missing or damaged. */
  async commit(oid: string): Promise<Commit | undefined> {
    const text = (await this.#get(oid, 'commit'))?.toString();
    const tree = text === undefined ? undefined : /^tree ([0-9a-f]{40})$/m.exec(text)?.[1];
    const head = text?.slice(0, text.indexOf('\n\n')) ?? '';
    return tree === undefined
      ? undefined
      : { tree, parents: [...head.matchAll(/^parent ([0-9a-f]{40})$/gm)].map((found) => found[1] ?? '') };
  }

  /** The entries of a folder; undefined when it is missing or damaged. */
  async tree(oid: string): Promise<readonly TreeEntry[] | undefined> {
    const bytes = await this.#get(oid, 'tree');
    return bytes && decodeTree(bytes);
  }

  /** The bytes of a file; undefined when it is missing or damaged. */
  async bytes(oid: string): Promise<Buffer | undefined> {
    return this.#get(oid, 'blob');
  }

  /** Is the file there, and what its id says? */
  async has(oid: string): Promise<boolean> {
    return this.#catalog.isSound(oid) || (await this.bytes(oid)) !== undefined;
  }

  /** The parts that are Git LFS objects by the word of this file, when it is an item's backup.json. */
  async largeParts(oid: string): Promise<readonly LargePart[]> {
    if (this.#catalog.namesNothing(oid)) return [];
    const bytes = await this.bytes(oid);
    if (bytes === undefined || !mayNameLarge(bytes)) return [];
    const { parts = [] } = readManifest(bytes) ?? {};
    return parts.filter(({ lfs }) => lfs).map(({ path, sha256, size }) => ({ path, sha256, size }));
  }

  /** What the file points to when it looks like the pointer of a Git LFS object. It is one only if backup.json says so. */
  async pointer(oid: string): Promise<Large | undefined> {
    const bytes = await this.bytes(oid);
    return bytes && readPointer(bytes);
  }

  #readerOf(packs: readonly string[] | undefined): ObjectReader {
    return new ObjectReader(this.#store, new Packs(this.#store, packs, (pack) => this.#catalog.index(pack)));
  }

  async #get(oid: string, type: GitObject['type']): Promise<Buffer | undefined> {
    try {
      // Where the list is lost, only the catalog knows which packs there are.
      const found = this.#held.get(oid) ?? (await this.#reader.read(oid)) ?? (await this.#readUnlisted(oid));
      if (found !== undefined) this.hold(oid, found);
      return found?.type === type ? found.bytes : undefined;
    } catch (error) {
      if (!isCode(error, 'STORE_DAMAGED')) throw error;
      return undefined;
    }
  }

  async #readUnlisted(oid: string): Promise<GitObject | undefined> {
    const packs = this.#catalog.packsWith(oid);
    return packs.length === 0 ? undefined : this.#readerOf(packs).read(oid);
  }
}

/** May it be a backup.json that names Git LFS objects? Only then is it read as one: a history has a million of them. */
export function mayNameLarge(bytes: Buffer): boolean {
  return bytes[0] === 0x7b && (bytes.includes('"lfs": true') || bytes.includes('"lfs":true'));
}
