import { BackupError, isCode } from '../errors.ts';
import type { BlobStore } from '../storage/blob-store.ts';
import { branch, infoRefs, withBranch } from '../git/layout.ts';
import type { NewObject, NewObjects } from '../git/new-objects.ts';
import type { ObjectReader } from '../git/object-reader.ts';
import { encodeEntry, type PackEntry } from '../git/pack/pack-entry.ts';
import { changePacks } from '../git/pack/pack-list.ts';
import { writePack, type WrittenPack } from '../git/pack/write-pack.ts';
import { readStagedEntries, readStagedHeader, type StagedEntry } from './staged-item.ts';

/** A staged blob and which of its objects go into the pack. */
interface Source {
  name: string;
  entries: readonly StagedEntry[];
}

/** How many staged blobs are in memory at a time. */
const readAhead = 8;

/**
 * Writes staged objects and new ones into one pack and lists it. Nothing refers to it yet.
 * Throws STORE_DAMAGED, before anything is written, when a new folder names an object that is nowhere.
 * @param staged names of staged blobs
 */
export async function storeObjects(
  store: BlobStore,
  reader: ObjectReader,
  name: string,
  staged: readonly string[],
  objects: NewObjects,
): Promise<WrittenPack> {
  const { sources, fresh, oids } = await choose(store, staged, objects);
  await checkNamed(reader, objects, oids);
  return packUp(store, name, sources, fresh);
}

/**
 * Writes those of the objects into a pack that the archive has damaged or not at all, and lists it first.
 * @returns how many they were
 */
export async function mendObjects(
  store: BlobStore,
  reader: ObjectReader,
  name: string,
  staged: readonly string[],
  objects: NewObjects,
): Promise<number> {
  const all = await choose(store, staged, objects);
  const broken = new Set<string>();
  for (const oid of all.oids) if (!(await isSound(reader, oid))) broken.add(oid);
  const isBroken = ({ oid }: { oid: string }) => broken.has(oid);
  const sources = all.sources.map((source) => ({ ...source, entries: source.entries.filter(isBroken) }));
  if (broken.size > 0) await packUp(store, name, sources, all.fresh.filter(isBroken));
  return broken.size;
}

async function isSound(reader: ObjectReader, oid: string): Promise<boolean> {
  try {
    return (await reader.read(oid)) !== undefined;
  } catch (error) {
    if (!isCode(error, 'STORE_DAMAGED')) throw error;
    return false;
  }
}

/** Each object once, wherever it comes from. */
async function choose(store: BlobStore, staged: readonly string[], objects: NewObjects) {
  const oids = new Set<string>();
  const isNew = ({ oid }: { oid: string }) => !oids.has(oid) && oids.add(oid) !== undefined;
  const sources: Source[] = [];
  for await (const { name, entries } of readTables(store, staged))
    sources.push({ name, entries: entries.filter(isNew) });
  return { sources, fresh: [...objects].filter(isNew), oids };
}

async function packUp(
  store: BlobStore,
  name: string,
  sources: readonly Source[],
  fresh: readonly NewObject[],
): Promise<WrittenPack> {
  const count = sources.reduce((sum, { entries }) => sum + entries.length, fresh.length);
  const pack = await writePack(store, name, count, allEntries(store, sources, fresh));
  await changePacks(store, (packs) => [name, ...packs.filter((other) => other !== name)]);
  return pack;
}

/**
 * Moves the branch to a commit, if it still is where it was: the only step that makes a run's work visible.
 * Throws BRANCH_MOVED. A lost answer is no lost race: its own commit on the branch means success.
 */
export async function moveBranch(store: BlobStore, commit: string, etag: string | undefined): Promise<void> {
  const condition = etag === undefined ? { absent: true as const } : { etag };
  const moved = await store.put(branch, Buffer.from(`${commit}\n`), condition);
  if (moved === undefined) {
    const now = (await store.get(branch))?.bytes.toString().trim();
    if (now !== commit) throw new BackupError('BRANCH_MOVED', 'Another run has published since this one began.');
  }
  const told = (await store.get(infoRefs))?.bytes.toString() ?? '';
  await store.put(infoRefs, Buffer.from(withBranch(told, commit)));
}

// A second attempt at an item may replace its staged blob after the folders were made from the first: then the commit
// would name files that are not there, and no later run would notice.
async function checkNamed(reader: ObjectReader, objects: NewObjects, packed: ReadonlySet<string>): Promise<void> {
  for (const oid of objects.named) {
    if (packed.has(oid) || (await reader.has(oid))) continue;
    throw new BackupError('STORE_DAMAGED', `The object ${oid} of the new commit is missing; nothing was published.`, {
      retryable: true,
    });
  }
}

async function* readTables(store: BlobStore, names: readonly string[]): AsyncGenerator<Source> {
  for (let at = 0; at < names.length; at += readAhead) {
    yield* await Promise.all(names.slice(at, at + readAhead).map((name) => readTable(store, name)));
  }
}

async function readTable(store: BlobStore, name: string): Promise<Source> {
  const blob = await readStagedHeader(store, name);
  if (blob === undefined) throw new BackupError('STORE_DAMAGED', `The staged blob ${name} is missing.`);
  return { name, entries: blob.entries };
}

async function* allEntries(
  store: BlobStore,
  sources: readonly Source[],
  objects: readonly NewObject[],
): AsyncGenerator<PackEntry> {
  const needed = sources.filter(({ entries }) => entries.length > 0);
  for (let at = 0; at < needed.length; at += readAhead) {
    const group = needed.slice(at, at + readAhead);
    for (const entries of await Promise.all(group.map((each) => readStagedEntries(store, each.name, each.entries)))) {
      yield* entries;
    }
  }
  for (const { type, bytes } of objects) yield encodeEntry(type, bytes);
}
