import { markOf } from '../arcgis/temporary.ts';
import type { Listing } from '../arcgis/content.ts';
import type { Portal } from '../arcgis/portal.ts';
import { compare, isDue } from '../backup/compare.ts';
import { formatOf } from '../backup/formats.ts';
import { leftOutBecause } from '../backup/leave-out.ts';
import type { CheckInput, Found } from '../backup/messages.ts';
import { rootFolder } from '../backup/paths.ts';
import { recordBytes } from '../backup/record.ts';
import { oneLine } from '../backup/report.ts';
import { hasOnlyTables, stampOf } from '../backup/stamp.ts';
import type { Index, Item, ItemFailure } from '../backup/words.ts';
import { BackupError, toFailure, type Failure } from '../errors.ts';
import { sha256 } from './intake.ts';
import type { Parts } from './parts.ts';

/** What becomes of one listed item, and in which sum it counts. */
export type Verdict = {
  /** is it a layer that is exported? */
  exported: boolean;
  /** is it an export of another run of this archive? */
  leftover: boolean;
} & ({ kind: 'unchanged' | 'excluded' } | { kind: 'found'; found: Found } | { kind: 'failed'; failure: ItemFailure });

/** What one item is compared with. */
export interface ItemCheck extends CheckInput {
  portal: Portal;
  index: Index;
  listing: Listing;
}

/** Compares an item with the archive. An item whose service cannot be asked fails alone, and keeps the version it has. */
export async function checkItem(parts: Parts, check: ItemCheck, item: Item): Promise<Verdict> {
  const mark = markOf(item);
  if (mark !== undefined) {
    const leftover = mark.store === parts.mark && mark.runId !== check.runId;
    return { kind: 'excluded', exported: false, leftover };
  }
  const { export: exported } = formatOf(item);
  if (leftOutBecause(item, parts.rules) !== undefined) return { kind: 'excluded', exported, leftover: false };
  const common = { exported, leftover: false };
  try {
    const found = await examine(parts, check, item);
    return found === undefined ? { kind: 'unchanged', ...common } : { kind: 'found', found, ...common };
  } catch (error) {
    const { id: itemId, owner } = item;
    const title = oneLine(item.title ?? '');
    return { kind: 'failed', failure: { itemId, title, owner, ...failureOfOne(error) }, ...common };
  }
}

/** The failure of one item or member. Store and sign-in concern all of them, so those go on as exceptions. */
export function failureOfOne(error: unknown): Failure {
  if (!(error instanceof BackupError) || /^(STORE|AUTH|SECRET|VAULT)_/.test(error.code)) throw error;
  return toFailure(error);
}

/** What saving needs to know, or undefined when nothing changed. */
async function examine(parts: Parts, check: ItemCheck, item: Item): Promise<Found | undefined> {
  const { index, force, lastRun, started } = check;
  const format = formatOf(item);
  const dates = format.layers ? await check.portal.dates(item) : undefined;
  const stamp = stampOf(item.modified, dates);
  const folder = check.listing.folderOf(item) ?? { id: null, title: rootFolder, created: 0 };
  const saved = index[item.id];
  const due = isDue(item.id, parts.rules.recheckDays, lastRun ?? undefined, started);
  const now = { stamp, recordSha256: sha256(recordBytes(item)), folderId: folder.id, folder: folder.title };
  const change = compare(now, saved, { force, due });
  if (change === 'unchanged') return undefined;
  const { id, title, created } = folder;
  return {
    item,
    folder: { id, title, created },
    stamp,
    step: change === 'save' && format.export ? 'export' : change,
    onlyTables: dates !== undefined && hasOnlyTables(dates),
    due,
    ...(change === 'refresh' && saved && { saved }),
  };
}
