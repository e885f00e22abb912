import { BackupError } from '../errors.ts';
import type { RunLists } from '../backup/changes.ts';

/** Entries of each list on a page, unless the caller wants fewer. */
const mostEntries = 1000;

/** A page of both lists; `next` is the cursor of the one behind it, null on the last. */
export type ListsPage = RunLists & { total: { changes: number; leftOut: number }; next: string | null };

/** One page of what a run changed and left out. Throws USAGE. */
export function pageOfLists({ changes, leftOut }: RunLists, query: URLSearchParams): ListsPage {
  const start = numberIn(query, 'cursor', 0, Number.MAX_SAFE_INTEGER) ?? 0;
  const limit = numberIn(query, 'limit', 1, mostEntries) ?? mostEntries;
  const end = start + limit;
  return {
    changes: changes.slice(start, end),
    leftOut: leftOut.slice(start, end),
    total: { changes: changes.length, leftOut: leftOut.length },
    next: end < Math.max(changes.length, leftOut.length) ? String(end) : null,
  };
}

function numberIn(query: URLSearchParams, name: string, least: number, most: number): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  const value = Number(text);
  if (/^\d{1,15}$/.test(text) && value >= least && value <= most) return value;
  throw new BackupError('USAGE', `${name} is "${text.slice(0, 50)}", not a number from ${least} to ${most}.`);
}
