import type { Clock } from '../clock.ts';
import type { BlobInfo, BlobStore } from '../storage/blob-store.ts';
import {
  allIndexes,
  allPacks,
  allRetired,
  allRuns,
  allTemporary,
  indexOfPack,
  infoPacks,
  packName,
  readPacks,
} from './layout.ts';

/** ms: longer than any run, and than any clone. */
const grace = 14 * 86_400_000;

/** What is still needed, and the time. */
export interface SweepOptions {
  clock: Clock;
  /** names of derived indexes that the latest commit needs */
  liveIndexes: ReadonlySet<string>;
}

/**
 * Deletes what nothing needs and what is older than 14 days: packs that are not listed, temporary files, staging of dead
 * runs, derived indexes. Run records and Git LFS objects stay. Safe beside a run: what a run made is younger, and no run
 * leans on a pack that is not listed. Deleting twice does no harm.
 * @returns how many blobs went
 */
export async function sweep(store: BlobStore, { clock, liveIndexes }: SweepOptions): Promise<number> {
  const before = clock.now() - grace;
  const names = [
    ...(await deadPacks(store, before)),
    ...(await old(store, allTemporary, before)),
    // Records, `<runId>.json`, lie beside the folders of the runs.
    ...(await old(store, allRuns, before)).filter((name) => name.slice(allRuns.length).includes('/')),
    ...(await old(store, allIndexes, before)).filter((name) => !liveIndexes.has(name)),
  ];
  for (const name of names) await store.delete(name);
  return names.length;
}

async function old(store: BlobStore, prefix: string, before: number): Promise<string[]> {
  return (await listed(store, prefix)).filter(({ modified }) => modified < before).map(({ name }) => name);
}

async function listed(store: BlobStore, prefix: string): Promise<BlobInfo[]> {
  const blobs: BlobInfo[] = [];
  for await (const blob of store.list(prefix)) blobs.push(blob);
  return blobs;
}

/** Packs to delete, each index before its pack: git passes over a pack without index, and stumbles over the reverse. */
async function deadPacks(store: BlobStore, before: number): Promise<string[]> {
  const young = new Set<string>();
  const found = new Set<string>();
  for (const { name: blob, modified } of await listed(store, allPacks)) {
    const name = /pack-([0-9a-f]{40})\.(?:pack|idx)$/.exec(blob)?.[1];
    if (name === undefined) continue;
    found.add(name);
    if (modified >= before) young.add(name);
  }
  const retired = await retiredPacks(store, before);
  const list = await store.get(infoPacks);
  // A lost list must not cost the packs as well.
  if (list === undefined) return [];
  const live = new Set(readPacks(list.bytes.toString()));
  const dead: string[] = [];
  for (const name of found) {
    if (live.has(name) || young.has(name) || retired.lately.has(name)) continue;
    if (retired.longAgo.has(name) || !(await isForeign(store, name))) dead.push(indexOfPack(name), packName(name));
  }
  return [...dead, ...retired.notes];
}

/** Packs that a merge has replaced. Those of lately are spared; of the others the notes go too. */
async function retiredPacks(store: BlobStore, before: number) {
  const lately = new Set<string>();
  const longAgo = new Set<string>();
  const notes: string[] = [];
  for (const { name, modified } of await listed(store, allRetired)) {
    const note = await store.get(name);
    const packs = JSON.parse(note?.bytes.toString() ?? '[]') as string[];
    for (const pack of packs) (modified < before ? longAgo : lately).add(pack);
    if (modified < before) notes.push(name);
  }
  return { lately, longAgo, notes };
}

/**
 * Did a person's git make this pack? It names packs after their own checksum, and a push lists none: such a pack may hold
 * the only copy of somebody's commits.
 */
async function isForeign(store: BlobStore, name: string): Promise<boolean> {
  const size = (await store.stat(packName(name)))?.size;
  if (size === undefined || size < 20) return false;
  const trailer = await store.get(packName(name), { start: size - 20, length: 20 });
  return trailer?.bytes.toString('hex') === name;
}
