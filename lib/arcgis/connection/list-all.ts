import { BackupError } from '../../errors.ts';
import { charactersOf, refuseEndless } from './list-bounds.ts';

/** One page of a listing of the portal. */
export interface ListPage<T> {
  total: number;
  /** 0 or less after the last page */
  nextStart: number;
  list: readonly T[];
}

const mostTries = 3;

/**
 * A listing that is whole: all pages, as many as the portal's own `total`, nothing twice, a total that holds still. It is
 * read again when it moved meanwhile. Throws LISTING_INCOMPLETE after the third time, PORTAL_ANSWER when it has no end.
 * @param what for the message, as the beginning of a sentence
 */
export async function readWhole<T>(
  what: string,
  keyOf: (each: T) => string,
  ask: (start: number) => Promise<ListPage<T>>,
): Promise<T[]> {
  for (let tries = 1; tries <= mostTries; tries++) {
    const all = await readOnce(what, keyOf, ask);
    if (all !== undefined) return all;
  }
  throw new BackupError('LISTING_INCOMPLETE', `${what} changed ${mostTries} times while it was read.`);
}

async function readOnce<T>(
  what: string,
  keyOf: (each: T) => string,
  ask: (start: number) => Promise<ListPage<T>>,
): Promise<T[] | undefined> {
  const found = new Map<string, T>();
  let first: number | undefined;
  let characters = 0;
  for (let start = 1, pages = 1; ; pages++) {
    const { total, nextStart, list } = await ask(start);
    first ??= total;
    const before = found.size;
    characters += charactersOf(list);
    refuseEndless(what, { total, entries: before + list.length, pages, characters });
    for (const each of list) found.set(keyOf(each), each);
    if (total !== first || found.size !== before + list.length || found.size > total) return undefined;
    if (nextStart <= 0) return found.size === total ? [...found.values()] : undefined;
    if (nextStart <= start) return undefined;
    start = nextStart;
  }
}
