import type { ObjectReader } from '../../git/object-reader.ts';
import { ObjectSet, type ObjectTable } from '../../git/pack/object-table.ts';
import type { Filter } from './filter.ts';
import { missing } from './missing.ts';

/** What is sent: numbers of a table, and what a person's git has left outside of packs. */
export interface Collected {
  packed: ObjectSet;
  loose: Set<string>;
}

/** Gathers objects, each once. */
export class Collector {
  readonly collected: Collected;
  readonly #reader: ObjectReader;
  readonly #table: ObjectTable;
  readonly #filter: Filter;
  /** how deep a folder was entered, where that matters */
  readonly #depths = new Map<string, number>();

  readonly #signal: AbortSignal | undefined;

  /** @param signal aborted, it gives up */
  constructor(reader: ObjectReader, table: ObjectTable, filter: Filter, signal?: AbortSignal) {
    this.#signal = signal;
    this.#reader = reader;
    this.#table = table;
    this.#filter = filter;
    this.collected = { packed: new ObjectSet(table.count), loose: new Set() };
  }

  /** how many objects there are so far */
  get count(): number {
    return this.collected.packed.size + this.collected.loose.size;
  }

  /** Takes this object, whatever the filter says. False when it was taken already. Throws STORE_DAMAGED. */
  async add(oid: string): Promise<boolean> {
    return this.#add(Buffer.from(oid, 'hex'), 0);
  }

  /**
   * Takes a folder and what is in it, without what lies at the same place in one of `bases`: folders that the client has, or gets.
   * Throws STORE_DAMAGED, and the signal's reason.
   */
  async addTree(oid: string, bases: readonly string[], depth = 0): Promise<void> {
    this.#signal?.throwIfAborted();
    if (depth >= this.#filter.depth || bases.includes(oid)) return;
    const isNew = await this.add(oid);
    if (!isNew && !this.#isShallower(oid, depth)) return;
    if (this.#filter.depth !== Infinity) this.#depths.set(oid, depth);
    const tree = await this.#readTree(oid);
    const held = await Promise.all(bases.map(async (base) => namesOf(await this.#readTree(base))));
    for (const { mode, oidAt, name } of entriesOf(tree, held.length > 0)) {
      if (mode === submodule) continue;
      const isTree = mode === folder;
      if (held.length === 0 && !isTree) await this.#addBlob(tree, oidAt, depth + 1);
      else {
        const child = tree.toString('hex', oidAt, oidAt + 20);
        const there = held.flatMap((names) => names.get(`${isTree ? 'd' : 'f'}${name}`) ?? []);
        if (isTree) await this.addTree(child, there, depth + 1);
        else if (!there.includes(child)) await this.#addBlob(tree, oidAt, depth + 1);
      }
    }
  }

  // Reached on a shorter way, more of it is inside of what is wanted.
  #isShallower(oid: string, depth: number): boolean {
    return this.#filter.depth !== Infinity && depth < (this.#depths.get(oid) ?? Infinity);
  }

  async #addBlob(tree: Buffer, at: number, depth: number): Promise<void> {
    const { blobs, depth: most } = this.#filter;
    if (blobs === 0 || depth >= most) return;
    if (blobs !== Infinity) {
      const oid = tree.toString('hex', at, at + 20);
      const { size } = (await this.#reader.describe(oid)) ?? missing(oid);
      if (size >= blobs) return;
    }
    await this.#add(tree, at);
  }

  async #add(bytes: Buffer, at: number): Promise<boolean> {
    const n = this.#table.find(bytes, at);
    if (n !== undefined) return this.collected.packed.add(n);
    const oid = bytes.toString('hex', at, at + 20);
    if (this.collected.loose.has(oid)) return false;
    if (!(await this.#reader.has(oid))) missing(oid);
    this.collected.loose.add(oid);
    return true;
  }

  async #readTree(oid: string): Promise<Buffer> {
    const object = await this.#reader.read(oid);
    return object?.type === 'tree' ? object.bytes : missing(oid);
  }
}

const folder = 0o40000;
const submodule = 0o160000;

interface Entry {
  mode: number;
  oidAt: number;
  /** its bytes as latin1: only to be compared. Empty unless asked for */
  name: string;
}

/** Reads a tree without making much of it: there are millions. https://git-scm.com/docs/git-mktree */
function* entriesOf(tree: Buffer, withNames: boolean): Generator<Entry> {
  for (let at = 0; at < tree.length;) {
    let mode = 0;
    for (let digit = tree[at++]; digit !== 0x20 && digit !== undefined; digit = tree[at++])
      mode = mode * 8 + digit - 0x30;
    const end = tree.indexOf(0, at);
    if (end < 0 || end + 21 > tree.length) return;
    yield { mode, oidAt: end + 1, name: withNames ? tree.toString('latin1', at, end) : '' };
    at = end + 21;
  }
}

function namesOf(tree: Buffer): Map<string, string> {
  const names = new Map<string, string>();
  for (const { mode, oidAt, name } of entriesOf(tree, true))
    names.set(`${mode === folder ? 'd' : 'f'}${name}`, tree.toString('hex', oidAt, oidAt + 20));
  return names;
}
