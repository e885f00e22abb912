import { crc32 } from 'node:zlib';
import { BackupError } from '../../errors.ts';
import type { BlobStore } from '../../storage/blob-store.ts';
import { infoPacks, packName, readPacks } from '../../git/layout.ts';
import { retiredName } from '../../archive/layout.ts';
import { isDelta, type PackEntry } from '../../git/pack/pack-entry.ts';
import type { IndexedEntry, PackIndex } from '../../git/pack/pack-index.ts';
import { changePacks } from '../../git/pack/pack-list.ts';
import { writePack, type WrittenPack } from '../../git/pack/write-pack.ts';
import { fetchIndex } from '../../git/pack/packs.ts';

/** Cloning over plain HTTP takes about twelve requests a pack (git-on-blob-storage.md, section 2). */
const mostPacks = 20;
/** Bytes; a pack that has grown beyond this stays as it is, so that a merge never moves much. One is in memory at a time. */
const smallPack = 32 * 1024 * 1024;

/** A pack that is merged, and which of its objects are taken from it. */
export interface MergeSource {
  name: string;
  /** bytes of the whole pack */
  size: number;
  entries: readonly IndexedEntry[];
}

/** The packs that `mergePacks` would merge; none when there is nothing to gain. Throws STORE_DAMAGED. */
export async function planMerge(store: BlobStore): Promise<MergeSource[]> {
  const listed = readPacks((await store.get(infoPacks))?.bytes.toString() ?? '');
  const sources = listed.length <= mostPacks ? [] : await chooseSources(store, listed);
  return sources.length < 2 ? [] : sources;
}

/**
 * Merges the small packs into one when more than 20 are listed: raw copies, each object once. Packs with deltas, as people's
 * git makes them, are left alone. The merged pack takes their place in objects/info/packs in one step; the old ones stay
 * until `sweep` finds them retired for long enough. Throws STORE_DAMAGED; then nothing has changed for readers.
 * @param random 40 fresh hex digits
 * @returns the new pack; undefined when there was nothing to merge, or another merge came first
 */
export async function mergePacks(
  store: BlobStore,
  { random }: { random: () => string },
): Promise<WrittenPack | undefined> {
  const sources = await planMerge(store);
  if (sources.length === 0) return undefined;
  const count = sources.reduce((sum, { entries }) => sum + entries.length, 0);
  const pack = await writePack(store, random(), count, copyAll(store, sources));
  const names = sources.map(({ name }) => name);
  // Before they leave the list, so that a crash in between cannot make them look like leftovers of long ago.
  await store.put(retiredName(pack.name), Buffer.from(JSON.stringify(names)));
  return (await changePacks(store, (packs) => replacePacks(packs, names, pack.name))) ? pack : undefined;
}

/** Puts the new pack where the first of the old ones stood; undefined when one of them is not there any more. */
function replacePacks(packs: readonly string[], old: readonly string[], pack: string): string[] | undefined {
  if (!old.every((name) => packs.includes(name))) return undefined;
  const first = packs.findIndex((name) => old.includes(name));
  return packs.flatMap((name, n) => (n === first ? [pack] : old.includes(name) ? [] : [name]));
}

async function chooseSources(store: BlobStore, listed: readonly string[]): Promise<MergeSource[]> {
  const seen = new Set<string>();
  const isNew = ({ oid }: IndexedEntry) => !seen.has(oid) && seen.add(oid) !== undefined;
  const sources: MergeSource[] = [];
  for (const name of listed) {
    const size = (await store.stat(packName(name)))?.size;
    if (size === undefined) throw new BackupError('STORE_DAMAGED', `${packName(name)} is missing.`);
    if (size > smallPack) continue;
    const index = await fetchIndex(store, name);
    if (await hasDeltas(store, name, index)) continue;
    sources.push({ name, size, entries: [...index.entries()].filter(isNew) });
  }
  return sources;
}

async function hasDeltas(store: BlobStore, name: string, index: PackIndex): Promise<boolean> {
  const bytes = await readPack(store, name);
  return [...index.entries()].some(({ offset }) => isDelta(bytes[offset] ?? 0));
}

async function* copyAll(store: BlobStore, sources: readonly MergeSource[]): AsyncGenerator<PackEntry> {
  for (const { name, entries } of sources) yield* await readEntries(store, name, entries);
}

/** Entries of one pack, in the order in which they lie there, checked against the index. */
async function readEntries(store: BlobStore, name: string, wanted: readonly IndexedEntry[]): Promise<PackEntry[]> {
  if (wanted.length === 0) return [];
  const bytes = await readPack(store, name);
  const starts = [...(await fetchIndex(store, name)).entries()].map(({ offset }) => offset).sort((a, b) => a - b);
  const ends = new Map(starts.map((start, n) => [start, starts[n + 1] ?? bytes.length - 20]));
  return [...wanted]
    .sort((a, b) => a.offset - b.offset)
    .map(({ oid, crc, offset }) => {
      const entry = bytes.subarray(offset, ends.get(offset));
      if (crc32(entry) !== crc)
        throw new BackupError('STORE_DAMAGED', `${packName(name)} is damaged at byte ${offset}.`);
      return { oid, crc, bytes: entry };
    });
}

async function readPack(store: BlobStore, name: string): Promise<Buffer> {
  const blob = await store.get(packName(name));
  if (blob === undefined) throw new BackupError('STORE_DAMAGED', `${packName(name)} is missing.`);
  return blob.bytes;
}
