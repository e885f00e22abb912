import type { Clock } from '../clock.ts';
import type { BlobInfo, BlobStore } from '../storage/blob-store.ts';
import {
  allIndexes,
  allPacks,
  allRetired,
  allRuns,
  allSetAside,
  allTemporary,
  infoPacks,
  readPacks,
} from './layout.ts';
import { isComplete, isNeeded, proveWhole } from './proof.ts';
import type { Repository } from './repository.ts';

const day = 86_400_000;
/** ms: longer than any run, and than any clone. */
const grace = 14 * day;
/** ms: two years of run records are enough for every question that is asked of them. */
const recordGrace = 730 * day;

/** What is still needed, and the time. */
export interface SweepOptions {
  clock: Clock;
  repository: Repository;
  /** names of derived indexes that the latest commit needs */
  liveIndexes: ReadonlySet<string>;
}

/**
 * What nothing needs and what is older than 14 days: packs that are not listed, temporary files, staging of dead runs,
 * derived indexes, what a repair set aside; and run records older than two years. Git LFS objects stay. In the order in
 * which they may be deleted. Throws STORE_DAMAGED when the list of packs cannot be believed: then nothing may go.
 */
export async function findLeftovers(store: BlobStore, options: SweepOptions): Promise<BlobInfo[]> {
  const { clock, liveIndexes, repository } = options;
  const before = clock.now() - grace;
  const runs = await listed(store, allRuns);
  // Records, `<runId>.json`, lie beside the folders of the runs.
  const isRecord = ({ name }: BlobInfo) => !name.slice(allRuns.length).includes('/');
  return [
    ...(await deadPacks(store, repository, before)),
    ...(await old(store, allTemporary, before)),
    ...runs.filter((blob) => blob.modified < (isRecord(blob) ? clock.now() - recordGrace : before)),
    ...(await old(store, allIndexes, before)).filter(({ name }) => !liveIndexes.has(name)),
    ...(await old(store, allSetAside, before)),
  ];
}

/**
 * Deletes the leftovers. Safe beside a run: what a run made is younger, and no run leans on a pack that is not listed.
 * Deleting twice does no harm.
 * @returns how many blobs went
 */
export async function sweep(store: BlobStore, options: SweepOptions): Promise<number> {
  const leftovers = await findLeftovers(store, options);
  for (const { name } of leftovers) await store.delete(name);
  return leftovers.length;
}

async function old(store: BlobStore, prefix: string, before: number): Promise<BlobInfo[]> {
  return (await listed(store, prefix)).filter(({ modified }) => modified < before);
}

async function listed(store: BlobStore, prefix: string): Promise<BlobInfo[]> {
  return Array.fromAsync(store.list(prefix));
}

/** Packs to delete, each index before its pack: git passes over a pack without index, and stumbles over the reverse. */
async function deadPacks(store: BlobStore, repository: Repository, before: number): Promise<BlobInfo[]> {
  const found = Map.groupBy(await listed(store, allPacks), ({ name }) => nameOf(name));
  const retired = await retiredPacks(store, before);
  const live = new Set(readPacks((await store.get(infoPacks))?.bytes.toString() ?? ''));
  const candidates = [...found].flatMap(([name, blobs]) => {
    const isYoung = blobs.some(({ modified }) => modified >= before);
    return name === undefined || live.has(name) || isYoung || retired.lately.has(name) ? [] : [{ name, blobs }];
  });
  // The list is what a pack's life hangs on, so it must have proved itself before anything goes.
  if (candidates.length + retired.notes.length === 0 || !(await isComplete(repository))) return [];
  for (const { pack } of retired.notes) if (live.has(pack)) await proveWhole(store, pack);
  const dead: BlobInfo[] = [];
  for (const { name, blobs } of candidates) {
    // `.idx` sorts before `.pack`.
    if (retired.longAgo.has(name) || !(await isNeeded(store, [...live], name))) dead.push(...blobs);
  }
  return [...dead, ...retired.notes.map(({ blob }) => blob)];
}

function nameOf(blob: string): string | undefined {
  return /pack-([0-9a-f]{40})\.(?:pack|idx)$/.exec(blob)?.[1];
}

/** Packs that a merge has replaced. Those of lately are spared; of the others the notes go too. */
async function retiredPacks(store: BlobStore, before: number) {
  const lately = new Set<string>();
  const longAgo = new Set<string>();
  /** `pack` stands for the packs of long ago */
  const notes: { pack: string; blob: BlobInfo }[] = [];
  for (const blob of await listed(store, allRetired)) {
    const note = await store.get(blob.name);
    const packs = JSON.parse(note?.bytes.toString() ?? '[]') as string[];
    for (const pack of packs) (blob.modified < before ? longAgo : lately).add(pack);
    const pack = blob.name.slice(allRetired.length, -'.json'.length);
    if (blob.modified < before) notes.push({ pack, blob });
  }
  return { lately, longAgo, notes };
}
