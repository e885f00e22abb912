import { numberOf } from '../../backup/words.ts';
import { readBranch } from '../../git/branch.ts';
import { isCommitId } from '../../git/layout.ts';
import { checkPack, endOfPack } from '../../git/pack/pack-check.ts';
import type { PackIndex } from '../../git/pack/pack-index.ts';
import { changePacks, listedPacks } from '../../git/pack/pack-list.ts';
import { findIndex } from '../../git/pack/packs.ts';
import { findRemains, findWhole, packRemains, salvage, type PackPlace } from '../salvage.ts';
import { setAsidePacks, setPackAside } from '../set-aside.ts';
import type { BlobStore } from '../../storage/blob-store.ts';
import { Catalog } from '../verify/catalog.ts';
import { walkHistory } from '../verify/history.ts';
import { Objects } from '../verify/objects.ts';
import { findPacks } from '../verify/found-packs.ts';
import { newWalk } from '../verify/state.ts';
import { endless } from '../verify/turn.ts';
import { isSpoiled } from '../verify/unlisted-pack.ts';

/** A pack; its index where it holds. */
interface Pack {
  name: string;
  index: PackIndex | undefined;
}

/** A listed pack that does not hold, and ids of the objects that it has lost. */
interface Broken extends Pack {
  lost: string[];
}

/**
 * Puts objects/info/packs right. Whole packs beside it that have objects which the listed ones lack are taken in: what a merge
 * replaced a few days ago, or all of them when the list is lost. Of damaged ones, and of what earlier repairs set aside,
 * every object that can be read and that no listed pack has whole is packed anew; only then are they set aside, because git on a
 * disk reads every pack that it finds. A damaged pack leaves the list once everything that it has lost is whole in others.
 * A sentence; undefined when there was nothing to do.
 * @param random 40 fresh hex digits
 */
export async function mendList(store: BlobStore, random: () => string): Promise<string | undefined> {
  const { listed, unlisted } = await findPacks(store);
  const spoiled: string[] = [];
  const added: string[] = [];
  const others: string[] = [];
  for (const name of unlisted) {
    const index = await findIndex(store, name);
    if (await isSpoiled(store, name, index)) spoiled.push(name);
    // One without an index is that of a run which is just publishing, or has lost it.
    else if (index === undefined) others.push(name);
    else if (!(await hasAll(store, [...listed, ...added], oidsOf(index)))) added.push(name);
  }
  if (added.length > 0)
    await changePacks(store, (packs) => [...packs, ...added.filter((name) => !packs.includes(name))]);
  const blind = await withoutIndex(store, listed);
  const places = [...(await setAsidePacks(store)), ...[...spoiled, ...others, ...blind].map(inPlace)];
  const salvaged = await salvage(store, places, await listedPacks(store), random);
  let replaced = 0;
  for (const name of spoiled) if (await leave(store, name)) replaced += 1;
  for (const name of await listedPacks(store)) {
    const broken = await findBroken(store, name);
    if (broken !== undefined && (await replaceBroken(store, broken, random))) replaced += 1;
  }
  const sentences = [
    added.length + replaced > 0 &&
      `Took ${numberOf(added.length, 'pack')} into the list and set ${numberOf(replaced, 'damaged one')} aside.`,
    salvaged && `Packed ${numberOf(salvaged.objects, 'object')} anew that only damaged packs had.`,
  ].filter((sentence) => typeof sentence === 'string');
  return sentences.length > 0 ? sentences.join(' ') : undefined;
}

const inPlace = (name: string): PackPlace => ({ name, prefix: '' });

function oidsOf(index: PackIndex): string[] {
  return [...index.entries()].map(({ oid }) => oid);
}

async function withoutIndex(store: BlobStore, names: readonly string[]): Promise<string[]> {
  const blind: string[] = [];
  for (const name of names) if ((await findIndex(store, name)) === undefined) blind.push(name);
  return blind;
}

/** Takes a pack away that no list names, unless it has deltas that nobody can read now. */
async function leave(store: BlobStore, name: string): Promise<boolean> {
  if ((await findRemains(store, [inPlace(name)])).unknown.length > 0) return false;
  await setPackAside(store, name);
  return true;
}

/** Undefined when the pack holds. */
async function findBroken(store: BlobStore, name: string): Promise<Broken | undefined> {
  const index = await findIndex(store, name);
  const broken: Broken = { name, index, lost: [] };
  if (index === undefined) return broken;
  const holds = await checkPack(store, name, index, (oid, object) => {
    if (object === 'damaged') broken.lost.push(oid);
  });
  if (holds === undefined) return { ...broken, lost: oidsOf(index) };
  return holds && (await endOfPack(store, name)) === index.packChecksum ? undefined : broken;
}

/** True when the pack has left the list. */
async function replaceBroken(store: BlobStore, { name, index, lost }: Broken, random: () => string): Promise<boolean> {
  const others = (await listedPacks(store)).filter((other) => other !== name);
  // What a pack without index has lost nobody knows: then the whole history must lie in the others. One whose pack holds waits for its index.
  const isReplaceable = index === undefined ? await isComplete(store, others) : await hasAll(store, others, lost);
  if (!isReplaceable || (await findRemains(store, [inPlace(name)])).unknown.length > 0) return false;
  const anew = await packRemains(store, [inPlace(name)], others, random);
  const instead = anew === undefined ? [] : [anew.name];
  await changePacks(store, (packs) => packs.flatMap((other) => (other === name ? instead : [other])));
  await setPackAside(store, name);
  return true;
}

/** Does all of the history lie in these packs? */
async function isComplete(store: BlobStore, packs: readonly string[]): Promise<boolean> {
  const head = (await readBranch(store))?.commit;
  if (head === undefined || !isCommitId(head)) return false;
  const catalog = new Catalog();
  const parts = { objects: new Objects(store, packs, catalog), catalog, head, name: () => Promise.resolve() };
  return (await walkHistory(parts, newWalk(head), endless).next()).done === true;
}

async function hasAll(store: BlobStore, packs: readonly string[], oids: readonly string[]): Promise<boolean> {
  return (await findWhole(store, packs, new Set(oids))).size === new Set(oids).size;
}
