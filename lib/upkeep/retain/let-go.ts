import { isDeepStrictEqual } from 'node:util';
import type { Archive } from '../../archive/archive.ts';
import { readHold } from '../../archive/legal-hold.ts';
import { allLarge, largeName, retiredName } from '../../archive/layout.ts';
import type { Clock } from '../../clock.ts';
import { isCommitId } from '../../git/layout.ts';
import { copyEntries, countEntries } from '../../git/pack/copy-entries.ts';
import { changePacks } from '../../git/pack/pack-list.ts';
import { writePack } from '../../git/pack/write-pack.ts';
import { readNames, type Reachable } from '../../git/reachable.ts';
import type { BlobInfo, BlobStore } from '../../storage/blob-store.ts';
import { replacePacks } from '../maintain/merge-packs.ts';
import { readReleases } from './releases.ts';
import { findWaste, type Waste, type WastedPack } from './waste.ts';

const day = 86_400_000;
/** ms for which everything stays that was thinned out; `keepDays` of the archive's account, where nobody says otherwise. */
export const releaseAfter = 90 * day;
/** ms; a younger pack may belong to a run whose branch has not moved yet. */
const grace = 14 * day;
/** Bytes of a pack that is written anew for any waste; a larger one for a tenth of its bytes. */
const smallPack = 64 * 1024 * 1024;

/** What nothing leads to any more, and what becomes of it. */
export interface Release {
  /** packs that are written anew without it */
  packs: WastedPack[];
  /** Git LFS objects that go */
  large: BlobInfo[];
}

/** What may go of what these ids do not lead to, at that time. @param before epoch ms */
export async function chooseRelease(store: BlobStore, { packs, large }: Waste, now: number): Promise<Release> {
  const isWorth = ({ waste, size, modified, hasDeltas }: WastedPack) =>
    waste > 0 && !hasDeltas && modified < now - grace && (size <= smallPack || waste >= size / 10);
  const gone: BlobInfo[] = [];
  for await (const blob of store.list(allLarge)) {
    const sha256 = blob.name.slice(blob.name.lastIndexOf('/') + 1);
    if (blob.name === largeName(sha256) && !large.has(sha256) && blob.modified < now - releaseAfter) gone.push(blob);
  }
  return { packs: packs.filter(isWorth), large: gone };
}

/**
 * Lets go what was thinned out 90 days ago and nothing leads to: no branch or tag, people's among them, and no commit at which the
 * branch was less than 90 days ago. All that they do lead to is read first, and found whole. Git LFS objects go by their ETags, so that
 * one that a run has just written anew stays; packs are written anew without the rest, and the old ones go 14 days later. Does nothing
 * under a legal hold. May be run beside a backup, and again. Throws STORE_DAMAGED; then nothing has gone.
 * @param random 40 fresh hex digits
 */
export async function letGo({ store, clock, random }: Archive & { clock: Clock; random: () => string }): Promise<void> {
  const now = clock.now();
  const releases = await readReleases(store);
  const due = releases.filter(({ blob }) => blob.modified < now - releaseAfter);
  const young = releases.filter((each) => !due.includes(each));
  if (due.length === 0 || !young.every(({ from }) => isCommitId(from))) return;
  const isHeld = async () => (await readHold(store)) !== undefined;
  if (await isHeld()) return;
  const names = await readNames(store);
  const waste = await findWaste(store, [...names.values(), ...young.map(({ from }) => from)]);
  const { packs, large } = await chooseRelease(store, waste, now);
  for (const [n, { name, etag }] of large.entries()) {
    if (n % 20 === 0 && (await isHeld())) return;
    await store.delete(name, etag);
  }
  const mayGo = async () => !(await isHeld()) && isDeepStrictEqual(await readNames(store), names);
  if (packs.length > 0 && !(await thin(store, packs, waste.reachable, random(), mayGo))) return;
  for (const { blob } of due) await store.delete(blob.name, blob.etag);
}

/** False when they may not go, or others have come in their place meanwhile: then nothing has changed for readers. */
async function thin(
  store: BlobStore,
  packs: readonly WastedPack[],
  reachable: Reachable,
  name: string,
  mayGo: () => Promise<boolean>,
): Promise<boolean> {
  const isKept = (oid: string) => reachable.has(oid);
  const count = countEntries(packs, isKept);
  if (count > 0) await writePack(store, name, count, copyEntries(store, packs, isKept));
  const old = packs.map((pack) => pack.name);
  await store.put(retiredName(name), Buffer.from(JSON.stringify({ packs: old, thinned: true })));
  if (!(await mayGo())) return false;
  return changePacks(store, (listed) => replacePacks(listed, old, count > 0 ? name : undefined));
}
