import { isCode } from '../errors.ts';
import { readBranch } from '../git/branch.ts';
import { indexOfPack, packName, setAsideName } from '../git/layout.ts';
import { ObjectReader } from '../git/object-reader.ts';
import { checkPack, endOfPack, soundObjects } from '../git/pack-check.ts';
import type { PackIndex } from '../git/pack-index.ts';
import { changePacks } from '../git/pack-list.ts';
import { findIndex } from '../git/packs.ts';
import { writePack } from '../git/pack.ts';
import type { BlobStore } from '../storage/blob-store.ts';
import { walkHistory } from './history.ts';
import { Objects } from './objects.ts';
import { findPacks, isSpoiled } from './packs.ts';

/** A pack; its index where it holds. */
interface Pack {
  name: string;
  index: PackIndex | undefined;
}

/** What is wrong with a pack. */
interface Broken extends Pack {
  /** ids of the objects that it has lost */
  lost: string[];
  /** whole ones besides */
  sound: number;
  /** as people's git makes them: they cannot be told from damaged ones without what they build on */
  deltas: number;
}

/**
 * Puts objects/info/packs right. Packs that lie beside it and have objects that the listed ones lack are taken in: what a
 * merge replaced a few days ago, or all of them when the list is lost. A damaged pack leaves it once everything that it has
 * lost is whole in others; what it still has is packed anew in its place. Damaged packs outside the list are set aside,
 * because git on a disk reads every pack that it finds. A sentence; undefined when there was nothing to do.
 * @param random 40 fresh hex digits
 */
export async function mendList(store: BlobStore, random: () => string): Promise<string | undefined> {
  const { listed, unlisted } = await findPacks(store);
  const added: string[] = [];
  let replaced = 0;
  for (const pack of await readPacks(store, unlisted)) {
    if (await isSpoiled(store, pack.name, pack.index)) {
      await setAside(store, pack.name);
      replaced += 1;
    } else if (pack.index !== undefined && !(await hasAll(store, [...listed, ...added], oidsOf(pack)))) {
      added.push(pack.name);
    }
  }
  if (added.length > 0)
    await changePacks(store, (packs) => [...packs, ...added.filter((name) => !packs.includes(name))]);
  for (const pack of await readPacks(store, listed)) {
    const broken = await findBroken(store, pack);
    if (broken !== undefined && (await replaceBroken(store, broken, random))) replaced += 1;
  }
  if (added.length + replaced === 0) return undefined;
  return `Took ${added.length} packs into the list and set ${replaced} damaged ones aside.`;
}

async function readPacks(store: BlobStore, names: readonly string[]): Promise<Pack[]> {
  return Promise.all(names.map(async (name) => ({ name, index: await findIndex(store, name) })));
}

function oidsOf({ index }: Pack): string[] {
  return index === undefined ? [] : [...index.entries()].map(({ oid }) => oid);
}

/** Undefined when the pack holds. */
async function findBroken(store: BlobStore, pack: Pack): Promise<Broken | undefined> {
  const { name, index } = pack;
  const broken: Broken = { ...pack, lost: [], sound: 0, deltas: 0 };
  if (index === undefined) return broken;
  const holds = await checkPack(store, name, index, (oid, object) => {
    if (object === 'damaged') broken.lost.push(oid);
    else if (object === 'delta') broken.deltas += 1;
    else broken.sound += 1;
  });
  if (holds === undefined) return { ...broken, lost: oidsOf(pack) };
  return holds && (await endOfPack(store, name)) === index.packChecksum ? undefined : broken;
}

/** True when the pack has left the list. */
async function replaceBroken(store: BlobStore, broken: Broken, random: () => string): Promise<boolean> {
  const { name, index, lost, sound, deltas } = broken;
  const others = (await findPacks(store)).listed.filter((other) => other !== name);
  if (deltas > 0) return false;
  if (index === undefined) {
    // An entry of the list for nothing at all; one whose pack is there may be mended by hand.
    const isNothing = (await store.stat(packName(name))) === undefined && (await isComplete(store, others));
    if (isNothing) await changePacks(store, (packs) => packs.filter((other) => other !== name));
    return isNothing;
  }
  if (!(await hasAll(store, others, lost))) return false;
  const anew = sound === 0 ? [] : [(await writePack(store, random(), sound, soundObjects(store, name, index))).name];
  await changePacks(store, (packs) => packs.flatMap((other) => (other === name ? anew : [other])));
  await setAside(store, name);
  return true;
}

/** Does all of the history lie in these packs? */
async function isComplete(store: BlobStore, packs: readonly string[]): Promise<boolean> {
  const head = (await readBranch(store))?.commit;
  if (head === undefined) return false;
  const walk = walkHistory(new Objects(store, packs), head, { commits: 0, trees: 0, files: 0, named: new Map() });
  return (await walk.next()).done === true;
}

async function hasAll(store: BlobStore, packs: readonly string[], oids: readonly string[]): Promise<boolean> {
  const reader = new ObjectReader(store, packs);
  try {
    for (const oid of oids) if ((await reader.read(oid)) === undefined) return false;
    return true;
  } catch (error) {
    if (!isCode(error, 'STORE_DAMAGED')) throw error;
    return false;
  }
}

/** The index first: git passes over a pack without one, and stumbles over the reverse. */
async function setAside(store: BlobStore, pack: string): Promise<void> {
  for (const name of [indexOfPack(pack), packName(pack)]) {
    await store.copy(name, setAsideName(name));
    await store.delete(name);
  }
}
