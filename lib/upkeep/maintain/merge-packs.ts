import { BackupError } from '../../errors.ts';
import type { BlobStore } from '../../storage/blob-store.ts';
import { packName } from '../../git/layout.ts';
import { retiredName } from '../../archive/layout.ts';
import { copyEntries, countEntries, hasDeltas, type PackSource } from '../../git/pack/copy-entries.ts';
import { changePacks, listedPacks } from '../../git/pack/pack-list.ts';
import { writePack, type WrittenPack } from '../../git/pack/write-pack.ts';
import { fetchIndex } from '../../git/pack/packs.ts';
import { chooseTier, mostPacks, type SizedPack } from './tiers.ts';

/** The packs that `mergePacks` would merge; none when there is nothing to gain. Throws STORE_DAMAGED. */
export async function planMerge(store: BlobStore): Promise<PackSource[]> {
  const listed = await listedPacks(store);
  if (listed.length <= mostPacks) return [];
  const found = new Map<string, PackSource | 'deltas'>();
  const sized = await Promise.all(listed.map((name) => sizeOf(store, name)));
  for (;;) {
    const chosen = chooseTier(sized.filter(({ name }) => found.get(name) !== 'deltas'));
    const next = chosen.find(({ name }) => !found.has(name));
    if (next !== undefined) found.set(next.name, await look(store, next));
    else return chosen.length < 2 ? [] : chosen.map(({ name }) => found.get(name)).filter(isSource);
  }
}

/**
 * Merges packs into one when more than 20 are listed, those that tiers.ts chooses: raw copies, each object once. Packs with
 * deltas, as people's git makes them, are left alone. The merged pack takes their place in objects/info/packs in one step;
 * the old ones stay until `sweep` finds them retired for long enough. Throws STORE_DAMAGED; then nothing has changed for
 * readers.
 * @param random 40 fresh hex digits
 * @returns the new pack; undefined when there was nothing to merge, or another merge came first
 */
export async function mergePacks(
  store: BlobStore,
  { random }: { random: () => string },
): Promise<WrittenPack | undefined> {
  const sources = await planMerge(store);
  if (sources.length === 0) return undefined;
  const pack = await writePack(store, random(), countEntries(sources), copyEntries(store, sources));
  const names = sources.map(({ name }) => name);
  // Before they leave the list, so that a crash in between cannot make them look like leftovers of long ago.
  await store.put(retiredName(pack.name), Buffer.from(JSON.stringify(names)));
  return (await changePacks(store, (packs) => replacePacks(packs, names, pack.name))) ? pack : undefined;
}

/**
 * Puts the new pack, where there is one, in the place of the first of the old ones; undefined when one of them is not there any more.
 */
export function replacePacks(
  packs: readonly string[],
  old: readonly string[],
  pack: string | undefined,
): string[] | undefined {
  if (!old.every((name) => packs.includes(name))) return undefined;
  const first = packs.findIndex((name) => old.includes(name));
  return packs.flatMap((name, n) => (!old.includes(name) ? [name] : n === first && pack !== undefined ? [pack] : []));
}

async function sizeOf(store: BlobStore, name: string): Promise<SizedPack> {
  const size = (await store.stat(packName(name)))?.size;
  if (size === undefined) throw new BackupError('STORE_DAMAGED', `${packName(name)} is missing.`);
  return { name, size };
}

async function look(store: BlobStore, { name, size }: SizedPack): Promise<PackSource | 'deltas'> {
  const source = { name, size, index: await fetchIndex(store, name) };
  return (await hasDeltas(store, source)) ? 'deltas' : source;
}

function isSource(found: PackSource | 'deltas' | undefined): found is PackSource {
  return found !== undefined && found !== 'deltas';
}
