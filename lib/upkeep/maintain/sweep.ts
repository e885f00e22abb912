import type { Clock } from '../../clock.ts';
import type { BlobInfo, BlobStore } from '../../storage/blob-store.ts';
import { findDeadPacks, provenDead } from './dead-packs.ts';
import {
  allIndexes,
  allLarge,
  allLists,
  allRuns,
  allSetAside,
  allTemporary,
  allPlans,
  allUnfinished,
  allVerifying,
} from '../../archive/layout.ts';
import { isLargeElsewhere } from './safe-to-delete.ts';
import type { Repository } from '../../archive/repository.ts';
import { salvage } from '../salvage.ts';
import { readPackBlob, readSetAside } from '../set-aside.ts';

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
  /** may what was thinned out go? */
  letsGo?: boolean;
  /** under a legal hold records and lists of runs stay, too */
  isHeld?: boolean;
}

/**
 * What nothing needs and what is older than 14 days: packs that are not listed, temporary files, staging of dead runs, unfinished items
 * and verifications, derived indexes, what a repair set aside; and run records and lists older than two years. Git LFS objects are
 * no leftovers. A pack, in its place
 * or set aside, goes only when every object that can be read of it was found whole in listed packs. A blob that is dated
 * ahead of now is young. In the order in which they may be deleted. Throws STORE_DAMAGED when the list of packs cannot be
 * believed: then nothing may go.
 */
export async function findLeftovers(store: BlobStore, options: SweepOptions): Promise<BlobInfo[]> {
  const { clock, liveIndexes, repository, letsGo = false, isHeld = false } = options;
  const recordsBefore = isHeld ? -Infinity : clock.now() - recordGrace;
  const before = clock.now() - grace;
  const runs = await listed(store, allRuns);
  // Records, `<runId>.json`, lie beside the folders of the runs.
  const isRecord = ({ name }: BlobInfo) => !name.slice(allRuns.length).includes('/');
  const dead = await findDeadPacks(store, repository, before, letsGo);
  return [
    ...(await provenDead(store, dead)).flatMap(({ blobs }) => blobs),
    ...dead.notes,
    ...(await old(store, allTemporary, before)),
    ...(await old(store, allUnfinished, before)),
    ...(await old(store, allVerifying, before)),
    ...(await old(store, allPlans, before)),
    ...runs.filter((blob) => blob.modified < (isRecord(blob) ? recordsBefore : before)),
    ...(await old(store, allLists, recordsBefore)),
    ...(await old(store, allIndexes, before)).filter(({ name }) => !liveIndexes.has(name)),
    ...(await oldSetAside(store, before)),
  ];
}

/** What `salvageLeftovers` would keep something of: they are leftovers once it has. Throws STORE_DAMAGED. */
export async function findUnproven(
  store: BlobStore,
  { clock, repository, letsGo = false }: SweepOptions,
): Promise<BlobInfo[]> {
  const dead = await findDeadPacks(store, repository, clock.now() - grace, letsGo);
  const proven = new Set(await provenDead(store, dead));
  return dead.packs.filter((pack) => !proven.has(pack)).flatMap(({ blobs }) => blobs);
}

/**
 * Packs anew, and lists, what only packs have that are about to go: what a killed run left has a commit that nobody needs, but
 * a pack that the list has lost looks just so. Throws STORE_DAMAGED as `findLeftovers` does.
 * @param random 40 fresh hex digits
 */
export async function salvageLeftovers(
  store: BlobStore,
  { clock, repository, letsGo = false }: SweepOptions,
  random: () => string,
): Promise<void> {
  const { packs, listed: live } = await findDeadPacks(store, repository, clock.now() - grace, letsGo);
  for (const [isNeeded, places] of Map.groupBy(packs, (pack) => pack.isNeeded))
    await salvage(store, places, live, random, isNeeded);
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

/** All but packs, which have their own proof. */
async function oldSetAside(store: BlobStore, before: number): Promise<BlobInfo[]> {
  const gone: BlobInfo[] = [];
  for (const blob of await old(store, allSetAside, before)) {
    const { own } = readSetAside(blob.name);
    if (readPackBlob(own) !== undefined) continue;
    const sha256 = own.slice(own.lastIndexOf('/') + 1);
    if (!own.startsWith(allLarge) || (await isLargeElsewhere(store, blob.name, sha256))) gone.push(blob);
  }
  return gone;
}
