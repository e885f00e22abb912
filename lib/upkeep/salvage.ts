import { BackupError, isCode } from '../errors.ts';
import type { BlobStore } from '../storage/blob-store.ts';
import { within } from '../storage/within.ts';
import { indexOfPack, packName } from '../git/layout.ts';
import { ObjectReader, type GitObject } from '../git/object-reader.ts';
import { checkPack } from '../git/pack/pack-check.ts';
import { encodeEntry, type PackEntry } from '../git/pack/pack-entry.ts';
import type { PackIndex } from '../git/pack/pack-index.ts';
import { changePacks } from '../git/pack/pack-list.ts';
import { isPack, scanPack } from '../git/pack/pack-scan.ts';
import { writePack, type WrittenPack } from '../git/pack/write-pack.ts';
import { findIndex } from '../git/pack/packs.ts';

/** A pack, sound or spoiled, listed or not: where the repository has it, or where a repair has put it. */
export interface PackPlace {
  /** 40 hex digits */
  name: string;
  /** what stands before `objects/pack/`: nothing, or a folder of what was set aside */
  prefix: string;
}

/** What is left of packs. */
export interface Remains {
  /** ids of all objects that can be read */
  oids: Set<string>;
  /** those with deltas that nobody can read now, and that may be read with what they build on: these must stay */
  unknown: PackPlace[];
}

/** Fewer objects than these are read one by one; for more the whole pack is read once. */
const fewObjects = 20;

/** Every object of a pack that can still be read, also without an index, and behind a damage; `unknown` at the end when it has more. */
async function* readRemains(store: BlobStore, { name, prefix }: PackPlace): AsyncGenerator<Found | 'unknown'> {
  const there = within(store, prefix);
  const seen = new Set<string>();
  let deltas = 0;
  // A pack may lie under the name of its index.
  for (const blob of [packName(name), indexOfPack(name)]) {
    if (blob === indexOfPack(name) && !isPack((await there.get(blob, { start: 0, length: 4 }))?.bytes ?? none))
      continue;
    for await (const found of scanPack(there, blob)) {
      if (found === 'delta') deltas += 1;
      else if (!seen.has(found.oid)) {
        seen.add(found.oid);
        yield found;
      }
    }
  }
  if (deltas === 0) return;
  const reader = new ObjectReader(there, [name]);
  for (const { oid } of (await findIndex(there, name))?.entries() ?? []) {
    const object = seen.has(oid) ? undefined : await readIfSound(reader, oid);
    if (object === undefined) continue;
    deltas -= 1;
    yield { oid, object };
  }
  if (deltas > 0) yield 'unknown';
}

interface Found {
  oid: string;
  object: GitObject;
}

const none = Buffer.alloc(0);

/** What is left of these packs, object by object. */
export async function findRemains(store: BlobStore, places: readonly PackPlace[]): Promise<Remains> {
  const remains: Remains = { oids: new Set(), unknown: [] };
  for (const place of places) {
    for await (const found of readRemains(store, place)) {
      if (found === 'unknown') remains.unknown.push(place);
      else remains.oids.add(found.oid);
    }
  }
  return remains;
}

/**
 * Which of these objects are whole in these packs: each of them was read and is what its id says. A pack is read once at
 * most, and only if its index has one of them.
 */
export async function findWhole(
  store: BlobStore,
  packs: readonly string[],
  oids: ReadonlySet<string>,
): Promise<Set<string>> {
  const whole = new Set<string>();
  for (const name of packs) {
    const index = await findIndex(store, name);
    const here = index === undefined ? [] : [...oids].filter((oid) => !whole.has(oid) && index.find(oid) !== undefined);
    if (index === undefined || here.length === 0) continue;
    const sound = here.length < fewObjects ? [] : await soundOf(store, name, index);
    const reader = new ObjectReader(store, [name]);
    const met = new Set(sound);
    for (const oid of here) if (met.has(oid) || (await readIfSound(reader, oid)) !== undefined) whole.add(oid);
  }
  return whole;
}

async function soundOf(store: BlobStore, name: string, index: PackIndex): Promise<string[]> {
  const sound: string[] = [];
  await checkPack(store, name, index, (oid, object) => {
    if (typeof object !== 'string') sound.push(oid);
  });
  return sound;
}

async function readIfSound(reader: ObjectReader, oid: string): Promise<GitObject | undefined> {
  try {
    return await reader.read(oid);
  } catch (error) {
    if (!isCode(error, 'STORE_DAMAGED')) throw error;
    return undefined;
  }
}

/** Of these packs, the objects that no listed pack has whole. @param isNeeded which of them count, by id; all */
export async function findMissing(
  store: BlobStore,
  places: readonly PackPlace[],
  listed: readonly string[],
  isNeeded: (oid: string) => boolean = () => true,
): Promise<Remains> {
  const { oids, unknown } = await findRemains(store, places);
  const needed = new Set([...oids].filter(isNeeded));
  const whole = await findWhole(store, listed, needed);
  return { oids: new Set([...needed].filter((oid) => !whole.has(oid))), unknown };
}

/**
 * Packs anew what these packs still have and no listed one has whole. Nothing lists the new pack yet.
 * Throws STORE_UNREACHABLE (retryable) when one of them changes meanwhile.
 * @param random 40 fresh hex digits
 * @returns undefined when there was nothing to salvage
 */
export async function packRemains(
  store: BlobStore,
  places: readonly PackPlace[],
  listed: readonly string[],
  random: () => string,
  isNeeded?: (oid: string) => boolean,
): Promise<WrittenPack | undefined> {
  const { oids } = await findMissing(store, places, listed, isNeeded);
  return oids.size === 0 ? undefined : writePack(store, random(), oids.size, entriesOf(store, places, oids));
}

/** As `packRemains`, and lists the new pack. */
export async function salvage(...parts: Parameters<typeof packRemains>): Promise<WrittenPack | undefined> {
  const packed = await packRemains(...parts);
  if (packed !== undefined) await changePacks(parts[0], (packs) => [...packs, packed.name]);
  return packed;
}

async function* entriesOf(
  store: BlobStore,
  places: readonly PackPlace[],
  wanted: ReadonlySet<string>,
): AsyncGenerator<PackEntry> {
  const left = new Set(wanted);
  for (const place of places)
    for await (const found of readRemains(store, place))
      if (found !== 'unknown' && left.delete(found.oid)) yield encodeEntry(found.object.type, found.object.bytes);
  if (left.size > 0)
    throw new BackupError('STORE_UNREACHABLE', 'A pack changed while it was read.', { retryable: true });
}
