import { BackupError } from '../../errors.ts';
import { packName } from '../../git/layout.ts';
import type { GitObject } from '../../git/object-reader.ts';
import type { PackSource } from '../../git/pack/copy-entries.ts';
import { ObjectSet, ObjectTable } from '../../git/pack/object-table.ts';
import { checkPack } from '../../git/pack/pack-check.ts';
import { listedPacks } from '../../git/pack/pack-list.ts';
import { fetchIndex } from '../../git/pack/packs.ts';
import { reach, tableReader, type Reachable } from '../../git/reachable.ts';
import type { BlobStore } from '../../storage/blob-store.ts';

/** A listed pack, and how much of it nothing leads to. */
export interface WastedPack extends PackSource {
  /** bytes */
  waste: number;
  /** people's git made it: its objects cannot be copied one by one */
  hasDeltas: boolean;
  /** of its last write, epoch ms */
  modified: number;
}

/** What some names lead to, and what of the listed packs they do not. */
export interface Waste {
  reachable: Reachable;
  packs: WastedPack[];
  /** the SHA-256 of every Git LFS object that a file names which can be reached */
  large: Set<string>;
}

/** Bytes; no pointer of git-lfs is longer. */
const longestPointer = 1024;

/**
 * What can be reached from these ids: commits and folders are followed, then every listed pack is read, so that each object that can
 * be reached has been whole somewhere. Throws STORE_DAMAGED when one is not.
 */
export async function findWaste(store: BlobStore, roots: readonly string[]): Promise<Waste> {
  const listed = await listedPacks(store);
  const sources = await Promise.all(listed.map((name) => sourceOf(store, name)));
  const table = new ObjectTable(sources);
  const reader = tableReader(store, table);
  const reachable = await reach(reader, table, roots);
  const large = new Set<string>();
  const packs: WastedPack[] = [];
  const whole = new ObjectSet(reachable.table.count);
  const alone = [...reachable.loose];
  for (const source of sources) {
    const deltas: string[] = [];
    let hasDeltas = false;
    await checkPack(store, source.name, source.index, (oid, object) => {
      hasDeltas ||= object === 'delta';
      const n = reachable.table.find(Buffer.from(oid, 'hex'));
      if (n === undefined || !reachable.packed.has(n)) return;
      if (object === 'delta') deltas.push(oid);
      else if (object !== 'damaged') {
        whole.add(n);
        nameLarge(object, large);
      }
    });
    alone.push(...deltas);
    packs.push({ ...source, hasDeltas, waste: wasteOf(source, reachable) });
  }
  for (const oid of alone) {
    const object = await reader.read(oid);
    if (object === undefined) throw lost(`The object ${oid} is missing.`);
    nameLarge(object, large);
    const n = reachable.table.find(Buffer.from(oid, 'hex'));
    if (n !== undefined) whole.add(n);
  }
  if (whole.size < reachable.packed.size)
    throw lost(`${reachable.packed.size - whole.size} objects that are needed are damaged.`);
  return { reachable, packs, large };
}

function lost(what: string): BackupError {
  return new BackupError('STORE_DAMAGED', `${what} Nothing was let go.`);
}

/** Whatever looks like a pointer, in any version that git-lfs reads: what is named by mistake stays. */
function nameLarge({ type, bytes }: GitObject, large: Set<string>): void {
  if (type !== 'blob' || bytes.length > longestPointer || !bytes.includes('sha256:')) return;
  for (const [, sha256 = ''] of bytes.toString('latin1').matchAll(/sha256:([0-9a-f]{64})/g)) large.add(sha256);
}

function wasteOf({ index, size }: PackSource, reachable: Reachable): number {
  let waste = 0;
  for (const { oid, length } of index.inPackOrder(size)) if (!reachable.has(oid)) waste += length;
  return waste;
}

async function sourceOf(store: BlobStore, name: string): Promise<PackSource & { modified: number }> {
  const found = await store.stat(packName(name));
  if (found === undefined) throw lost(`${packName(name)} is missing.`);
  return { name, size: found.size, modified: found.modified, index: await fetchIndex(store, name) };
}
