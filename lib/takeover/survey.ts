import type { Portal } from '../arcgis/portal.ts';
import { formatOf } from '../backup/formats.ts';
import type { Folder, Item } from '../backup/item.ts';
import { itemOfLayers, stampOf, type ServiceDates } from '../backup/stamp.ts';
import { BackupError, endsRun } from '../errors.ts';
import { arrivals } from './arrivals.ts';
import type { Carried } from './carry.ts';
import { judge, type Claim } from './judge.ts';
import { chunks } from '../storage/json-blobs.ts';
import type { OldArchive } from './old-archive.ts';
import { dataFile, exportFile, foldedPath, metadataFile, oldPath, stampFile, type OldDirectory } from './old-layout.ts';

/** A living item, and the folder it lies in. */
export interface Living {
  item: Item;
  /** undefined outside any folder */
  folder: Folder | undefined;
}

/** What becomes of a living item; `isMetadataError`: its metadata.xml is an error message of the portal */
export type Fate = { living: Living; directory?: OldDirectory; isMetadataError?: boolean } & (
  { carried: Carried } | { fetch: string }
);

/** Everything of one member that the portal lists, and why there may be more. */
export async function listMember(
  portal: Portal,
  username: string,
): Promise<{ items: Living[]; lacking?: BackupError }> {
  const listing = portal.content(username);
  let items: Living[] = [];
  for (;;) {
    const step = await listing.next();
    if (step === 'end') return { items, ...(listing.lacking && { lacking: listing.lacking }) };
    if (step === 'again') items = [];
    else items.push(...step.items.map((item) => ({ item, folder: listing.folderOf(item) })));
  }
}

/** Which directory each item claims: its own, or the only one that a disk of Windows takes for it. */
export function claims(
  living: readonly Living[],
  directories: ReadonlyMap<string, OldDirectory>,
): ReadonlyMap<Living, OldDirectory> {
  const folded = Map.groupBy(directories.keys(), foldedPath);
  const exact = new Set(living.map(({ item, folder }) => oldPath(item, folder)));
  const found = living.map((each) => {
    const path = oldPath(each.item, each.folder);
    const others = (folded.get(foldedPath(path)) ?? []).filter((other) => !exact.has(other));
    const directory = directories.get(path) ?? (others.length === 1 ? directories.get(others[0] ?? '') : undefined);
    return [each, directory] as const;
  });
  return new Map(found.filter((each): each is [Living, OldDirectory] => each[1] !== undefined));
}

/**
 * What becomes of each living item, with one question to the portal for each hosted service whose directory may be what it has.
 * @param atOnce items
 */
export async function survey(
  portal: Portal,
  old: OldArchive,
  living: readonly Living[],
  atOnce: number,
): Promise<Fate[]> {
  const claimed = claims(living, old.directories);
  const claimants = Map.groupBy(claimed.values(), ({ path }) => path);
  const paths = [...claimed].flatMap(([{ item }, directory]) => datedFiles(item, directory));
  const arrived = await arrivals(old, paths);
  // The portal said the same of thousands of items.
  const known = new Map<string, Promise<boolean>>();
  const isError = (oid: string | undefined): Promise<boolean> => {
    if (oid === undefined) return Promise.resolve(false);
    const found = known.get(oid) ?? holdsError(old.objects, oid);
    known.set(oid, found);
    return found;
  };
  const fateOf = async (each: Living): Promise<Fate> => {
    const directory = claimed.get(each);
    if (directory === undefined) return { living: each, fetch: 'the old archive does not have it' };
    const claim = await claimOf(old, each, directory, arrived, claimants.get(directory.path)?.length ?? 0);
    const isMetadataError = await isError(directory.files.get(metadataFile));
    return { ...(await decide(portal, each, directory, claim)), isMetadataError };
  };
  const fates: Fate[] = [];
  for await (const group of chunks(living, atOnce)) fates.push(...(await Promise.all(group.map(fateOf))));
  return fates;
}

/** Where the portal has no metadata, the old script saved what it said instead. */
async function holdsError(objects: OldArchive['objects'], oid: string): Promise<boolean> {
  const { size, body } = await objects.open(oid);
  return size <= longestError && isErrorText((await readText(body)).head);
}

function datedFiles(item: Item, { path, files }: OldDirectory): string[] {
  if (!formatOf(item).export) return [];
  const names = [stampFile, exportFile(files.keys())].filter((name) => name !== undefined && files.has(name));
  return names.map((name) => `${path}/${name}`);
}

async function decide(portal: Portal, living: Living, directory: OldDirectory, claim: Claim): Promise<Fate> {
  const { item, folder } = living;
  const first = judge(item, claim);
  // No edit date makes it what it was again.
  if ('fetch' in first) return { living, directory, fetch: first.fetch };
  let dates: ServiceDates | undefined;
  try {
    if (formatOf(item).layers) dates = await portal.dates(item);
  } catch (error) {
    if (!(error instanceof BackupError) || endsRun(error)) throw error;
    return { living, directory, fetch: 'its service does not say when it was edited' };
  }
  if (dates !== undefined && (itemOfLayers(dates) ?? item.id) !== item.id)
    return { living, directory, fetch: 'its service belongs to another item' };
  const judgement = judge(item, claim, dates);
  if ('fetch' in judgement) return { living, directory, fetch: judgement.fetch };
  const stamp = stampOf(item.modified, dates);
  return { living, directory, carried: { item, folder, stamp, directory, take: judgement.take } };
}

async function claimOf(
  { objects }: OldArchive,
  { item }: Living,
  { path, files }: OldDirectory,
  arrived: ReadonlyMap<string, number>,
  claimants: number,
): Promise<Claim> {
  const stamp = files.get(stampFile);
  const exported = exportFile(files.keys());
  const oid = files.get(dataFile(item) ?? '');
  const said = stamp && (await objects.read(stamp)).toString().trim();
  // What was changed since is fetched, whatever its file is.
  const isOver = claimants > 1 || said?.split(',')[0] !== String(item.modified);
  return {
    claimants,
    stamp: said,
    stampedAt: arrived.get(`${path}/${stampFile}`) ?? 0,
    files: new Set(files.keys()),
    exportedAt: exported === undefined ? undefined : arrived.get(`${path}/${exported}`),
    ...(isOver ? unweighed : await weigh(objects, oid, item)),
  };
}

const unweighed = { size: undefined, sizeWithCrlf: undefined, isError: false };

/** How long an item's file is, as it is and as it was on Windows, and whether it is an error message in place of a file. */
async function weigh(objects: OldArchive['objects'], oid: string | undefined, item: Item) {
  if (oid === undefined) return unweighed;
  const { size, body } = await objects.open(oid);
  // Only where the length is not what it must be does the file itself tell anything, and a file of gigabytes is not read for nothing.
  const lacking = item.size - size;
  const mayBeText = lacking > 0 && lacking <= size;
  if (lacking === 0 || (!mayBeText && size > longestError)) return { size, sizeWithCrlf: undefined, isError: false };
  const { lines, head } = await readText(body);
  return { size, sizeWithCrlf: lines === undefined ? undefined : size + lines, isError: isErrorText(head, size) };
}

/** How many lines a text has, and how it begins. A file with a zero in it is no text for git, whose line ends it leaves alone. */
async function readText(body: AsyncIterable<Uint8Array>): Promise<{ lines: number | undefined; head: Buffer }> {
  let lines = 0;
  let head = Buffer.alloc(0);
  for await (const piece of body) {
    if (head.length < longestError) head = Buffer.concat([head, piece.subarray(0, longestError - head.length)]);
    if (piece.includes(0)) return { lines: undefined, head };
    for (let at = piece.indexOf(0x0a); at >= 0; at = piece.indexOf(0x0a, at + 1)) lines += 1;
  }
  return { lines, head };
}

/** Bytes; the portal's error messages have some hundred. */
const longestError = 4096;

/** @param head the first bytes @param size of all of them */
function isErrorText(head: Buffer, size = head.length): boolean {
  return size <= longestError && /^\s*\{\s*"error"\s*:\s*\{/.test(head.toString('utf8'));
}
