import { createHash } from 'node:crypto';
import { readManifest } from '../../archive/item-manifest.ts';
import { isCode } from '../../errors.ts';
import { readPointer, type Large } from '../../archive/lfs.ts';
import { ObjectReader, type GitObject } from '../../git/object-reader.ts';
import { decodeTree, type TreeEntry } from '../../git/tree-bytes.ts';
import type { BlobStore } from '../../storage/blob-store.ts';

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

/**
 * Every sound object of the archive, as reading all packs once has found it: commits and folders with their bytes, files
 * by their SHA-256. What was not met there (deltas, loose objects of a person's git) is read one by one. About 250 bytes
 * an object.
 */
export class Objects {
  readonly #reader: ObjectReader;
  readonly #kept = new Map<string, GitObject>();
  readonly #files = new Map<string, string>();
  readonly #pointers = new Map<string, Large>();
  readonly #largeParts = new Map<string, LargePart[]>();

  /** @param packs only these, in place of those that objects/info/packs lists */
  constructor(store: BlobStore, packs?: readonly string[]) {
    this.#reader = new ObjectReader(store, packs);
  }

  /** Takes an object that was met. */
  add(oid: string, object: GitObject): void {
    if (object.type !== 'blob') {
      // A copy, because the bytes may be a piece of something long.
      this.#kept.set(oid, { type: object.type, bytes: Buffer.from(object.bytes) });
      return;
    }
    this.#files.set(oid, createHash('sha256').update(object.bytes).digest('hex'));
    const large = readPointer(object.bytes);
    if (large !== undefined) this.#pointers.set(oid, large);
    const parts = largePartsIn(object.bytes);
    if (parts.length > 0) this.#largeParts.set(oid, parts);
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

  /** The SHA-256 of a file; undefined when it is missing or damaged. */
  async file(oid: string): Promise<string | undefined> {
    if (!this.#files.has(oid)) await this.bytes(oid);
    return this.#files.get(oid);
  }

  /** The bytes of a file, read now; undefined when it is missing or damaged. */
  async bytes(oid: string): Promise<Buffer | undefined> {
    const found = await this.#read(oid);
    if (found?.type !== 'blob') return undefined;
    if (!this.#files.has(oid)) this.add(oid, found);
    return found.bytes;
  }

  /** The parts that are Git LFS objects by the word of this file, when it is an item's backup.json and was met. */
  largeParts(oid: string): readonly LargePart[] {
    return this.#largeParts.get(oid) ?? [];
  }

  /** What the file points to when it looks like the pointer of a Git LFS object, and was met. It is one only if backup.json says so. */
  pointer(oid: string): Large | undefined {
    return this.#pointers.get(oid);
  }

  async #get(oid: string, type: 'commit' | 'tree'): Promise<Buffer | undefined> {
    const found = this.#kept.get(oid) ?? (await this.#read(oid));
    return found?.type === type ? found.bytes : undefined;
  }

  async #read(oid: string): Promise<GitObject | undefined> {
    try {
      return await this.#reader.read(oid);
    } catch (error) {
      if (!isCode(error, 'STORE_DAMAGED')) throw error;
      return undefined;
    }
  }
}

function largePartsIn(bytes: Buffer): LargePart[] {
  // Read only where it may hold some: a history has a million of them.
  if (bytes[0] !== 0x7b || !(bytes.includes('"lfs": true') || bytes.includes('"lfs":true'))) return [];
  const { parts = [] } = readManifest(bytes) ?? {};
  return parts.filter(({ lfs }) => lfs).map(({ path, sha256, size }) => ({ path, sha256, size }));
}
