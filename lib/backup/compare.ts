import type { Saved } from './words.ts';

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
}

/** How the note begins of a layer whose rows were read because it could not be exported. */
export const rowsInstead = 'Rows were read by queries.';

/**
 * Compares an item with what the archive holds of it under the same member. A changed record with an unchanged stamp
 * (moved, shared) is a refresh: its data is not downloaded again. What could not be exported is tried again every time, for
 * the reason may be gone; its rows are read anew only when it is due.
 */
export function compare(now: Now, saved: Saved | undefined, options: { force: boolean; due: boolean }): Change {
  if (saved === undefined || options.force || saved.stamp !== now.stamp) return 'save';
  if (saved.notes.some((note) => note.startsWith(rowsInstead))) return options.due ? 'save' : 'retry';
  const record = saved.parts.find((part) => part.role === 'record');
  const isSame = record?.sha256 === now.recordSha256 && saved.folderId === now.folderId && saved.folder === now.folder;
  return isSame && !options.due ? 'unchanged' : 'refresh';
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
  const turn = Number.parseInt(itemId.slice(-6), 16) % days;
  for (let each = from; each <= to; each++) if (each % days === turn) return true;
  return false;
}
