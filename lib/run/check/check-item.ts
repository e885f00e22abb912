import type { Listing } from '../../arcgis/content/listing.ts';
import type { Portal } from '../../arcgis/portal.ts';
import type { DatedService } from '../../arcgis/layers/dates.ts';
import { isServiceGone } from '../../arcgis/layers/service.ts';
import { compare, isDue, type Change } from '../../backup/compare.ts';
import { formatOf } from '../../backup/formats.ts';
import { leftOutBecause } from '../../backup/leave-out.ts';
import type { RunStep } from '../../backup/run.ts';
import type { Found, Silent } from '../../backup/found.ts';
import { wasListless } from '../../backup/layers/kept-rows.ts';
import { rootFolder } from '../../backup/names/paths.ts';
import { isUndated, recordBytes, recordNotes } from '../../backup/record.ts';
import { oneLine } from '../../backup/words.ts';
import { hasOnlyTables, itemOfLayers, stampOf, stampOfSilent } from '../../backup/stamp.ts';
import type { Index, Item, Saved, SavedLayer } from '../../backup/item.ts';
import type { ItemFailure } from '../../backup/run.ts';
import { BackupError, endsRun, toFailure, type Failure } from '../../errors.ts';
import { runBlobs } from '../../archive/runs/run-blobs.ts';
import { writeJson } from '../../storage/json-blobs.ts';
import { sha256 } from '../../archive/sha256.ts';
import { kinshipOf, type Kinship } from './stray-exports.ts';
import type { Deps } from '../deps.ts';

/** What becomes of one listed item, and in which sum it counts. */
export type Verdict = {
  /** is it a layer that is exported? */
  exported: boolean;
  /** is it an export of this archive, or does it only look so? */
  kinship: Kinship;
} & (
  | { kind: 'unchanged' }
  | { kind: 'excluded'; why?: string }
  | { kind: 'found'; found: Found }
  | { kind: 'failed'; failure: ItemFailure }
);

/** What one item is compared with. */
export interface ItemCheck extends RunStep {
  force: boolean;
  /** when the last whole run finished, epoch ms; null before the first */
  lastRun: number | null;
  portal: Portal;
  index: Index;
  listing: Listing;
  /** the greatest time in the listing so far, epoch ms */
  newest: number;
  /** titles of groups whose items are left out, by item id */
  grouped: ReadonlyMap<string, string>;
}

/** Compares an item with the archive. An item whose service cannot be asked fails alone, and keeps the version it has. */
export async function checkItem(deps: Deps, check: ItemCheck, item: Item): Promise<Verdict> {
  const kinship = await kinshipOf(deps.store, check.index, item);
  if (typeof kinship === 'object') return { kind: 'excluded', exported: false, kinship };
  const common = { exported: formatOf(item).export, kinship };
  const why = leftOutBecause(item, deps.rules, check.grouped);
  if (why !== undefined) return { kind: 'excluded', why, ...common };
  try {
    const found = await examine(deps, check, item);
    if (found?.notOwn !== undefined) await warnOf(deps, check.runId, item, found.notOwn);
    return found === undefined ? { kind: 'unchanged', ...common } : { kind: 'found', found, ...common };
  } catch (error) {
    const { id: itemId, owner } = item;
    const title = oneLine(item.title ?? '');
    return { kind: 'failed', failure: { itemId, title, owner, ...failureOfOne(error) }, ...common };
  }
}

function warnOf({ store }: Deps, runId: string, { id, owner, title }: Item, why: string): Promise<void> {
  return writeJson(store, runBlobs(runId).warned(id), `${oneLine(title ?? '')} (${id}, ${oneLine(owner)}): ${why}`);
}

/** The failure of one item or member. What ends the run goes on as an exception. */
export function failureOfOne(error: unknown): Failure {
  if (!(error instanceof BackupError) || endsRun(error)) throw error;
  return toFailure(error);
}

/** What saving needs to know, or undefined when nothing changed. A service that cannot be asked costs no more than its rows. */
async function examine(deps: Deps, check: ItemCheck, item: Item): Promise<Found | undefined> {
  const service = await askService(deps, check, item).catch((error: unknown) => silentAs(error, check.index[item.id]));
  return weigh(deps, check, item, service);
}

/**
 * A service is the item's own only if it says so. Its layers say it as well, on ArcGIS Online, so the question costs no request
 * of its own there, and elsewhere none of a quiet night.
 */
async function askService(deps: Deps, check: ItemCheck, item: Item): Promise<OfService> {
  if (!formatOf(item).layers) return {};
  const { portal } = check;
  const dates = await portal.dates(item);
  const named = itemOfLayers(dates);
  const undated = await countUndated(check, item, named === undefined || named === item.id ? dates : undefined);
  const isQuiet = () => weigh(deps, check, item, { dates, undated }) === undefined;
  if (named === item.id || (named === undefined && isQuiet())) return { dates, undated };
  const notOwn = whyNotOwn(item, await portal.serviceItem(item));
  return notOwn === undefined ? { dates, undated } : { notOwn };
}

/** What is known of a service that does not answer. That it is gone is believed the second night, where there is something to lose. */
function silentAs(error: unknown, saved: Saved | undefined): OfService {
  const failure = failureOfOne(error);
  const notOwn = saved?.notes.find(({ code: said }) => said === 'NOT_OWN');
  if (notOwn !== undefined) return { notOwn: notOwn.text };
  const hasMuch = saved?.parts.some(({ role }) => role === 'export' || role === 'layers') === true;
  const isGone = isServiceGone(error) && (!hasMuch || wasListless(saved));
  return { silent: { ...failure, isGone } };
}

function whyNotOwn({ id }: Item, named: string | undefined): string | undefined {
  if (named === id) return undefined;
  const whose =
    named === undefined ? 'does not say that it belongs to it' : `belongs to the item ${oneLine(named, 64)}`;
  return `The service at the address of this item ${whose}: neither definition nor rows were saved.`;
}

/**
 * How much the layers have whose rows are edited without a date: so much may show that they were. A request for each layer, and
 * none where the item is fetched anyway.
 */
async function countUndated(
  { portal, index, force }: ItemCheck,
  item: Item,
  dates: DatedService | undefined,
): Promise<SavedLayer[]> {
  const isSameStamp = dates !== undefined && index[item.id]?.stamp === stampOf(item.modified, dates);
  if (!isSameStamp || force || dates.undated.length === 0) return [];
  return portal.countRows(item, dates.undated);
}

/** What a service says, if it is the item's own, or why it is not. */
interface OfService {
  dates?: DatedService | undefined;
  undated?: readonly SavedLayer[];
  notOwn?: string | undefined;
  silent?: Silent | undefined;
}

function weigh(
  deps: Deps,
  { index, force, lastRun, started, listing, newest }: ItemCheck,
  item: Item,
  { dates, undated = [], notOwn, silent }: OfService,
): Found | undefined {
  const { isListed, ...folder } = folderOf(listing, index, item);
  const saved = index[item.id];
  const stamp = silent ? stampOfSilent(item.modified, saved?.stamp) : stampOf(item.modified, dates);
  const isTurn = isDue(item.id, deps.rules.recheckDays, lastRun ?? undefined, started);
  // Rows have dates of their own, and exporting them every night would be too dear.
  const isDated = stamp.includes(',');
  const due = isTurn || isUndated(item);
  const now = {
    stamp,
    recordSha256: sha256(recordBytes(item)),
    folderId: folder.id,
    folder: folder.title,
    undated,
    ...(silent && { service: silent.isGone ? ('gone' as const) : ('silent' as const) }),
  };
  // What an older version saved of a service that is not the item's goes; history keeps it.
  const isTooMuch = notOwn !== undefined && saved?.parts.some(({ role }) => role === 'export' || role === 'layers');
  const isUnseen = isUndated(item) && (isTurn || !isDated);
  const change = compare(now, saved, { force: force || isTooMuch === true || isUnseen, due });
  if (change === 'unchanged') return undefined;
  const notes = [...recordNotes(item), ...(isListed ? [] : [unlistedFolder])];
  const isOwn = notOwn === undefined;
  return {
    item,
    folder,
    stamp,
    step: isOwn ? stepOf(change, silent === undefined && formatOf(item).export) : 'save',
    onlyTables: dates !== undefined && hasOnlyTables(dates),
    ...(dates?.undated.length && { undated: dates.undated.map(({ name }) => name) }),
    ...(!isOwn && { notOwn }),
    ...(notes.length > 0 && { notes }),
    ...(silent && { silent }),
    newest,
    due,
    ...(saved && { saved }),
    ...(change === 'retry' && isOwn && { retry: true as const }),
  };
}

const unlistedFolder = {
  code: 'FOLDER_UNLISTED',
  text: 'The portal does not list the folder that this item lies in.',
} as const;

/** Where an item lies. A folder that the portal does not list keeps the name that the archive knows it by, else its id is its name. */
function folderOf(listing: Listing, index: Index, item: Item): Found['folder'] & { isListed: boolean } {
  const { ownerFolder: id } = item;
  if (id === null) return { id, title: rootFolder, created: 0, isListed: true };
  const listed = listing.folderOf(item);
  if (listed) return { id: listed.id, title: listed.title, created: listed.created, isListed: true };
  const known = Object.values(index).find(({ folderId }) => folderId === id);
  return { id, title: known?.folder ?? id, created: 0, isListed: false };
}

/** A view that lacks something is read again for that only; the rest of it stays. */
function stepOf(change: Exclude<Change, 'unchanged'>, mayExport: boolean): Found['step'] {
  if (change === 'refresh' || (change === 'retry' && !mayExport)) return 'refresh';
  return mayExport ? 'export' : 'save';
}
