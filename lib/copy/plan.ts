import { readAcceptances } from '../archive/acceptance.ts';
import { allLarge, largeName } from '../archive/layout.ts';
import { isCode } from '../errors.ts';
import { allPacks, indexOfPack, packName } from '../git/layout.ts';
import { endOfPack } from '../git/pack/pack-check.ts';
import type { PackIndex } from '../git/pack/pack-index.ts';
import { listedPacks } from '../git/pack/pack-list.ts';
import { findIndex, Packs } from '../git/pack/packs.ts';
import type { BlobStore } from '../storage/blob-store.ts';
import { damagedIn } from './carry.ts';
import { missing } from './missing.ts';
import { asItIs, hasItsHash, isLarge, isLoose, type Proof } from './proofs.ts';

/** A blob that is to come over. */
export interface Wanted {
  name: string;
  /** bytes */
  size: number;
  proof: Proof;
}

/** What the target lacks of the source's objects. */
export interface Plan {
  /** names of packs that the target is to list, the source's order; those that lie there already among them */
  packs: string[];
  /** of packs, their indexes among them, each pack before its index; and objects outside of packs */
  objects: Wanted[];
  /** Git LFS objects */
  large: Wanted[];
}

/**
 * Looks what the target lacks. A pack counts as there when each of its objects lies in a pack that the target lists: what was merged
 * in either of them costs nothing. To be asked after the branch was read: whatever it leads to is listed by then. Throws
 * STORE_DAMAGED when a pack or an index of the source is damaged, unless that is accepted as a loss.
 */
export async function planCopy(from: BlobStore, to: BlobStore): Promise<Plan> {
  const { accepted } = await readAcceptances(from);
  const packs: string[] = [];
  const objects: Wanted[] = [];
  for await (const { name, wanted } of lackingPacks(from, to, (pack) => accepted.has(pack))) {
    packs.push(name);
    objects.push(...wanted);
  }
  for await (const { name, size } of missing(from, to, 'objects/')) {
    const oid = name.startsWith(allPacks) ? undefined : /^objects\/([0-9a-f]{2}\/[0-9a-f]{38})$/.exec(name)?.[1];
    if (oid !== undefined) objects.push({ name, size, proof: isLoose(oid.replace('/', '')) });
  }
  const large: Wanted[] = [];
  for await (const { name, size } of missing(from, to, allLarge)) {
    const sha256 = name.slice(name.lastIndexOf('/') + 1);
    if (name !== largeName(sha256) || !/^[0-9a-f]{64}$/.test(sha256)) continue;
    large.push({ name, size, proof: accepted.has(sha256) ? asItIs : isLarge(sha256) });
  }
  return { packs, objects, large };
}

/** Packs that the target does not list, or not whole, and what has to come over of each. */
async function* lackingPacks(from: BlobStore, to: BlobStore, isAccepted: (pack: string) => boolean) {
  const listed = new Set(await listedPacks(to));
  const target = new Packs(to, [...listed]);
  for (const name of await listedPacks(from)) {
    const index = await findIndex(from, name);
    const files = await readFiles(from, name, index, isAccepted(name));
    const wanted: Wanted[] = [];
    for (const file of files) if ((await sizeOf(to, file.name)) !== file.size) wanted.push(file);
    const isListed = listed.has(name);
    if (isListed ? wanted.length === 0 : index !== undefined && (await hasAll(target, index))) continue;
    yield { name, wanted };
  }
}

/** A pack of the source and its index. Throws STORE_DAMAGED when one is missing, or they do not belong together. */
async function readFiles(
  from: BlobStore,
  name: string,
  index: PackIndex | undefined,
  isAccepted: boolean,
): Promise<Wanted[]> {
  const files: Wanted[] = [];
  for (const [file, proof] of [
    [packName(name), hasItsHash(index?.packChecksum)],
    [indexOfPack(name), hasItsHash()],
  ] as const) {
    const size = await sizeOf(from, file);
    if (size !== undefined) files.push({ name: file, size, proof: isAccepted ? asItIs : proof });
    else if (!isAccepted) throw damagedIn(from, file);
  }
  if (isAccepted) return files;
  if (index === undefined) throw damagedIn(from, indexOfPack(name));
  if ((await endOfPack(from, name)) !== index.packChecksum) throw damagedIn(from, packName(name));
  return files;
}

async function hasAll(target: Packs, index: PackIndex): Promise<boolean> {
  try {
    for (const { oid } of index.entries()) if ((await target.find(oid)) === undefined) return false;
    return true;
  } catch (error) {
    // An index of the target that is damaged shows nothing; the pack comes over then.
    if (!isCode(error, 'STORE_DAMAGED')) throw error;
    return false;
  }
}

async function sizeOf(store: BlobStore, name: string): Promise<number | undefined> {
  return (await store.stat(name))?.size;
}
