import { BackupError } from '../errors.ts';
import type { BlobStore } from '../storage/blob-store.ts';
import { decodeCommit } from './commit.ts';
import { headName, packedRefs } from './layout.ts';
import { ObjectReader, type GitObject } from './object-reader.ts';
import { withHeldPacks } from './pack/held-packs.ts';
import { ObjectSet, type ObjectTable } from './pack/object-table.ts';
import { Packs } from './pack/packs.ts';
import { decodeTree } from './tree-bytes.ts';

/** Objects that are read at the same time. */
const atOnce = 16;

/** All objects that some names lead to. */
export class Reachable {
  readonly table: ObjectTable;
  /** those in packs, by their numbers there */
  readonly packed: ObjectSet;
  /** those of people's git that are in no pack */
  readonly loose = new Set<string>();

  constructor(table: ObjectTable) {
    this.table = table;
    this.packed = new ObjectSet(table.count);
  }

  has(oid: string): boolean {
    const n = this.table.find(Buffer.from(oid, 'hex'));
    return n === undefined ? this.loose.has(oid) : this.packed.has(n);
  }

  /** False when it was there already. */
  add(oid: string): boolean {
    const n = this.table.find(Buffer.from(oid, 'hex'));
    if (n !== undefined) return this.packed.add(n);
    if (this.loose.has(oid)) return false;
    this.loose.add(oid);
    return true;
  }
}

/** Reads many objects of the packs of a table, by the indexes that it has. */
export function tableReader(store: BlobStore, table: ObjectTable): ObjectReader {
  const names = table.packs.map(({ name }) => name);
  return new ObjectReader(withHeldPacks(store), new Packs(store, names, (pack) => table.index(pack)));
}

/**
 * Follows commits, tags and folders from these ids; a few bits an object. Files are not read. Throws STORE_DAMAGED when a commit or a
 * folder is missing or damaged.
 * @param table of the packs that `reader` reads
 */
export async function reach(reader: ObjectReader, table: ObjectTable, roots: readonly string[]): Promise<Reachable> {
  const found = new Reachable(table);
  const next = roots.filter((oid) => found.add(oid));
  while (next.length > 0) {
    const group = next.splice(-atOnce);
    const objects = await Promise.all(group.map((oid) => reader.read(oid)));
    for (const [n, object] of objects.entries()) {
      if (object === undefined) throw new BackupError('STORE_DAMAGED', `The object ${group[n]} is missing.`);
      for (const { oid, isFile } of namedBy(group[n] ?? '', object)) if (found.add(oid) && !isFile) next.push(oid);
    }
  }
  return found;
}

function namedBy(own: string, { type, bytes }: GitObject): { oid: string; isFile?: boolean }[] {
  if (type === 'blob') return [];
  // What a folder names of another repository is not here.
  if (type === 'tree')
    return decodeTree(bytes).flatMap((entry) =>
      entry.type === 'commit' ? [] : [{ oid: entry.oid, isFile: entry.type === 'blob' }],
    );
  if (type === 'tag') return [{ oid: /^object ([0-9a-f]{40})$/m.exec(bytes.toString('latin1'))?.[1] ?? '' }];
  const { tree, parents } = decodeCommit(own, bytes);
  return [tree, ...parents].map((oid) => ({ oid }));
}

/**
 * What every branch, tag and other name of the repository leads to, people's among them, by name. Throws STORE_DAMAGED when one of them
 * holds no id.
 */
export async function readNames(store: BlobStore): Promise<Map<string, string>> {
  const names = new Map<string, string>();
  const packed = (await store.get(packedRefs))?.bytes.toString() ?? '';
  for (const [, oid = '', name = ''] of packed.matchAll(/^([0-9a-f]{40}) (.+)$/gm)) names.set(name, oid);
  // A file of its own counts more: https://git-scm.com/docs/git-pack-refs
  const files = await Array.fromAsync(store.list('refs/'), ({ name }) => name);
  for (const name of [...files, headName]) {
    const text = (await store.get(name))?.bytes.toString().trim() ?? 'ref: ';
    if (/^[0-9a-f]{40}$/.test(text)) names.set(name, text);
    else if (!text.startsWith('ref: ')) throw new BackupError('STORE_DAMAGED', `${name} is damaged.`);
  }
  return names;
}
