import { hashObject, type ObjectType } from './pack/pack-entry.ts';
import type { GitObject } from './object-reader.ts';
import { encodeTree, type TreeEntry } from './tree-bytes.ts';

/** One object on its way into a pack. */
export interface NewObject extends GitObject {
  oid: string;
}

/** Objects that one run makes: blobs, trees and a commit; in memory until they are published. */
export class NewObjects {
  readonly #objects = new Map<string, NewObject>();
  readonly #named = new Set<string>();

  get(oid: string): NewObject | undefined {
    return this.#objects.get(oid);
  }

  /** Adds an object; its id. */
  add(type: ObjectType, bytes: Buffer): string {
    const oid = hashObject(type, bytes);
    if (!this.#objects.has(oid)) this.#objects.set(oid, { type, oid, bytes });
    return oid;
  }

  /** Adds a file; its id. */
  writeBlob(bytes: Buffer): Promise<string> {
    return Promise.resolve(this.add('blob', bytes));
  }

  /** Adds a folder, its entries in any order; its id. Throws RangeError for names that no tree may hold. */
  writeTree(entries: readonly TreeEntry[]): Promise<string> {
    for (const { type, oid } of entries) if (type !== 'commit') this.#named.add(oid);
    return Promise.resolve(this.add('tree', encodeTree(entries)));
  }

  /** The ids that the new folders name; each must be new, staged or in the repository. */
  get named(): ReadonlySet<string> {
    return this.#named;
  }

  [Symbol.iterator](): IterableIterator<NewObject> {
    return this.#objects.values();
  }
}
