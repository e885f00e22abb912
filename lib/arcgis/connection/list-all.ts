import type { BackupError } from '../../errors.ts';
import { readCount, readNextStart } from './fields.ts';
import { charactersOf, mostEntries, refuseEndless } from './list-bounds.ts';
import { addTroubles, lackingIn, noTroubles, type Troubles } from './troubles.ts';

/** One page of a listing, as the portal gives it: nothing about it is believed. */
export interface ListPage {
  total: unknown;
  /** 0 or less after the last page */
  nextStart: unknown;
  list: readonly unknown[];
}

/** How the entries of a listing are read. */
export interface EntryReader<T extends object> {
  /** a sentence's end that says what the entry is, when it cannot be read */
  read: (entry: unknown) => T | string;
  /** what two entries have in common that are the same, in words that a reader knows it by */
  keyOf: (each: T) => string;
}

/** What a listing has. */
export interface Listed<T> {
  list: T[];
  /** why it does not prove that there is nothing else; undefined when it does */
  lacking: BackupError | undefined;
}

type Ask = (start: number) => Promise<ListPage>;

const mostTries = 3;

/**
 * All that a listing has: each entry once, without those that cannot be read. It is whole when the portal's own `total` holds
 * still and is reached, and nothing comes twice; else it is read again, and the third time taken as it is, with `lacking`
 * (see `lackingIn`). Throws PORTAL_ANSWER when it has no end.
 * @param what for the message, as the beginning of a sentence
 */
export async function readAll<T extends object>(what: string, reader: EntryReader<T>, ask: Ask): Promise<Listed<T>> {
  for (let tries = 1; ; tries++) {
    const read = await readOnce(what, reader, ask, tries >= mostTries);
    if (read !== undefined) return { list: read.list, lacking: lackingIn(what, read.troubles) };
  }
}

/** Undefined when it is to be read again, which the last time it never is. */
async function readOnce<T extends object>(
  what: string,
  reader: EntryReader<T>,
  ask: Ask,
  isLast: boolean,
): Promise<{ list: T[]; troubles: Troubles } | undefined> {
  const found = new Map<string, T>();
  let troubles = noTroubles;
  let told: number | undefined;
  let entries = 0;
  let characters = 0;
  for (let start = 1, pages = 1; ; pages++) {
    const page = await ask(start);
    const total = readCount(page.total, mostEntries);
    const next = readNextStart(page.nextStart, { start, entries: page.list.length, total });
    characters += charactersOf(page.list);
    refuseEndless(what, {
      total,
      entries: entries + page.list.length,
      pages,
      characters,
    });
    const { unread, doubles } = takeEntries(found, reader, page.list, entries + 1);
    entries += page.list.length;
    told ??= total;
    const isStuck = next > 0 && next <= start;
    const moved = doubles.length > 0 || isStuck || (total !== undefined && total !== told);
    if (!isLast && (moved || (told !== undefined && entries > told))) return undefined;
    troubles = addTroubles(troubles, { unread: [...unread, ...doubles], moved });
    start = next;
    if (next > 0 && !isStuck) continue;
    if (entries !== told && !isLast) return undefined;
    const counts = entries === told ? null : { told: told ?? null, listed: entries };
    return { list: [...found.values()], troubles: addTroubles(troubles, { counts }) };
  }
}

/** Takes in a page's entries; a sentence for each that could not be read, or that is there already. */
function takeEntries<T extends object>(
  found: Map<string, T>,
  { read, keyOf }: EntryReader<T>,
  list: readonly unknown[],
  first: number,
): { unread: string[]; doubles: string[] } {
  const unread: string[] = [];
  const doubles: string[] = [];
  for (const [n, entry] of list.entries()) {
    const one = read(entry);
    if (typeof one === 'string') unread.push(`entry ${first + n} ${one}`);
    else if (found.has(keyOf(one))) doubles.push(`entry ${first + n} is there twice (${keyOf(one)})`);
    else found.set(keyOf(one), one);
  }
  return { unread, doubles };
}
