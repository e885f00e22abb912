import { oneLine } from './words.ts';
import { lacksRows } from './layers/kept-rows.ts';
import { hasMoved } from './layers/row-proof.ts';
import type { Saved, SavedLayer } from './item.ts';
import { note, says, type Note } from './notes.ts';

/**
 * What has to be done for a listed item: nothing, its small files only, everything; or `retry`: its export once more, and
 * nothing but its small files when that fails again.
 */
export type Change = 'unchanged' | 'refresh' | 'save' | 'retry';

/** What the portal says of an item now. */
export interface Now {
  stamp: string;
  /** of the bytes that item.json would have */
  recordSha256: string;
  folderId: string | null;
  folder: string;
  /** how much the layers have whose rows are edited without a date */
  undated?: readonly SavedLayer[];
  /** its service could not be asked, or is not there; undefined: it answered, or there is none */
  service?: 'silent' | 'gone';
}

/** Said of layers whose rows are edited without a date. */
export function undatedNote(names: readonly string[]): Note {
  const some = names.slice(0, 10).map((name) => `"${oneLine(name, 60)}"`);
  const more = names.length > some.length ? ` and ${names.length - some.length} more` : '';
  return note(
    'ROWS_UNDATED',
    `Rows of ${some.join(', ')}${more} are edited without a date: they are compared by their number and highest object id, ` +
      'and saved anew on each day of the recheck.',
  );
}

/**
 * Compares an item with what the archive holds of it under the same member. A changed record with an unchanged stamp
 * (moved, shared) is a refresh: its data is not downloaded again. So is an item of which a part could not be had. What could
 * not be exported is tried again every time, for the reason may be gone; its rows are read anew only when it is due. So is
 * what has rows that are edited without a date: the same number may be other rows. Rows that could not be had are due again
 * as soon as their service answers; until then the item has a gap, or a note if there is no such service.
 */
export function compare(now: Now, saved: Saved | undefined, options: { force: boolean; due: boolean }): Change {
  if (saved === undefined || options.force || saved.stamp !== now.stamp) return 'save';
  if (now.undated?.length && haveRowsMoved(now.undated, saved.layers ?? [])) return 'save';
  if (now.service !== undefined)
    return isKnownSilent(now, saved) && isSame(now, saved, options) ? 'unchanged' : 'refresh';
  if (says(saved.notes, 'ROWS_BY_QUERIES')) return options.due ? 'save' : 'retry';
  if (lacksRows(saved) || says(saved.notes, 'SERVICE_GONE')) return options.due ? 'save' : 'retry';
  if (options.due && says(saved.notes, 'ROWS_CLOSED')) return 'save';
  if (now.undated?.length && options.due) return 'save';
  return isSame(now, saved, options) ? 'unchanged' : 'refresh';
}

function isSame(now: Now, saved: Saved, { due }: { due: boolean }): boolean {
  const record = saved.parts.find((part) => part.role === 'record');
  const isSamePlace = saved.folderId === now.folderId && saved.folder === now.folder;
  return record?.sha256 === now.recordSha256 && isSamePlace && !due && (saved.gaps ?? []).length === 0;
}

/** That there is no service is news once. */
function isKnownSilent({ service }: Now, saved: Saved): boolean {
  return service === 'gone' && says(saved.notes, 'SERVICE_GONE');
}

/** What the service would not count this time says nothing. */
function haveRowsMoved(now: readonly SavedLayer[], saved: readonly SavedLayer[]): boolean {
  const known = now.filter(({ rows }) => rows !== null);
  const before = known.flatMap(({ id, lastRow }) => {
    const layer = saved.find((each) => each.id === id);
    return layer === undefined ? [] : [{ ...layer, ...((lastRow ?? null) === null && { lastRow }) }];
  });
  return hasMoved(before, known);
}

const day = 86_400_000;

/**
 * Is it this item's turn to have its small parts read again? The portal does not always move `modified` when metadata
 * changes. Every item has a day in each period of `days`, spread evenly by its id; a day on which no run finished is
 * made up for by the next run, and two runs of one day do not read twice. A last run ahead of now counts as never.
 * @param lastRun when the last run finished, epoch ms; undefined before the first
 */
export function isDue(itemId: string, days: number, lastRun: number | undefined, now: number): boolean {
  if (days === 0 || lastRun === undefined) return false;
  if (Math.floor(lastRun / day) > Math.floor(now / day)) return true;
  const from = Math.floor(lastRun / day) + 1;
  const to = Math.floor(now / day);
  if (to - from + 1 >= days) return true;
  const turn = numberOf(itemId) % days;
  for (let each = from; each <= to; each++) if (each % days === turn) return true;
  return false;
}

/** The same for the same id, and spread evenly; ids have 32 hex digits, but nothing holds a portal to that. */
function numberOf(id: string): number {
  const end = id.slice(-6);
  if (/^[0-9a-f]{6}$/.test(end)) return Number.parseInt(end, 16);
  let sum = 0;
  for (const character of id) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 1_000_003;
  return sum;
}
