import { PortalError } from './portal-error.ts';

/** Entries of one listing; twenty times a member's items, three times the resources of the largest story. */
export const mostEntries = 1_000_000;
/** Characters of the entries that one listing holds in memory; 100,000 members take 150 million. */
const mostCharacters = 256 * 1024 * 1024;
/** What every page is asked for; the portal may give fewer. */
const pageSize = 100;
/** Pages that may be short or empty for no reason that is seen. */
const sparePages = 100;
/** Entries of a listing whose total nobody can believe; more than nearly all have, and read within minutes. */
const mostUncounted = 50_000;

/** How far a listing has come. */
export interface ListSize {
  /** what the portal says that there is; undefined when it says nothing that can be */
  total: number | undefined;
  /** read so far */
  entries: number;
  pages: number;
  characters?: number;
}

/**
 * Throws PORTAL_ANSWER when a listing of the portal cannot have an end: it says or gives more than any organization has, or
 * turns pages that bring nothing.
 * @param what for the message, as the beginning of a sentence
 */
export function refuseEndless(what: string, { total, entries, pages, characters = 0 }: ListSize): void {
  const most = Math.max(total ?? 0, entries);
  const mostPages = sparePages + 2 * Math.ceil(most / pageSize);
  const mayEnd = entries <= (total === undefined ? mostUncounted : mostEntries);
  if (mayEnd && most <= mostEntries && pages <= mostPages && characters <= mostCharacters) return;
  throw new PortalError('PORTAL_ANSWER', `${what}: the portal's listing does not end.`);
}

/** The memory that an entry takes, about. */
export function charactersOf(entries: readonly unknown[]): number {
  return entries.reduce<number>((sum, entry) => sum + JSON.stringify(entry).length, 0);
}
