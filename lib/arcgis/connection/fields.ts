import { oneLine } from '../../backup/words.ts';

/** Fields of the portal's answers, read as far as they make sense: a number as text, a text as number, one thing for a list. */

/** An object; undefined for anything else, lists among them. */
export function objectIn(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

/** A text; a number or a truth value as the portal would write it. */
export function textIn(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  const isWritten = typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value));
  return isWritten ? String(value) : undefined;
}

/** A finite number, also one that stands in a text. */
export function numberIn(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

/** A time in the portal's own unit, epoch ms; also of a text with a date in it. */
export function timeIn(value: unknown): number | undefined {
  const number = numberIn(value);
  if (number !== undefined || typeof value !== 'string') return number;
  // Of other texts engines make dates as they like.
  const isDate = /^\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:?\d{2})?)?$/.test(value);
  const time = isDate ? Date.parse(value) : NaN;
  return Number.isFinite(time) ? time : undefined;
}

/** The texts of a list; one text may hold several, with commas between them. */
export function listIn(value: unknown): string[] {
  if (typeof value === 'string') return value.split(',').flatMap((part) => part.trim() || []);
  return Array.isArray(value) ? value.flatMap((each) => textIn(each) ?? []) : [];
}

/**
 * An id. Ids become names of blobs and keys of objects, so nothing else may stand in them, and no key that every object has.
 */
export function idIn(value: unknown): string | undefined {
  const id = typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value;
  return typeof id === 'string' && /^[0-9A-Za-z_-]{1,64}$/.test(id) && !(id in {}) ? id : undefined;
}

/** A number of entries; undefined when it is none, or more than `most`. */
export function readCount(value: unknown, most: number): number | undefined {
  const count = numberIn(value);
  return Number.isSafeInteger(count) && count !== undefined && count >= 0 && count <= most ? count : undefined;
}

/** Where the next page begins, 0 or less after the last: as the portal says, else behind what it gave while more should come. */
export function readNextStart(
  value: unknown,
  { start, entries, total }: { start: number; entries: number; total: number | undefined },
): number {
  const told = numberIn(value);
  if (told !== undefined && Number.isSafeInteger(told)) return told;
  const behind = start + entries;
  return entries > 0 && total !== undefined && behind <= total ? behind : -1;
}

/**
 * The entries of a list, each once, and what could not be read of it, a sentence each. No list is an empty one.
 * @param read undefined for an entry that cannot be read
 * @param noun what an entry is
 * @param why what is said of an entry that cannot be read, as the end of a sentence
 */
export function readList<T>(
  value: unknown,
  read: (entry: unknown) => T | undefined,
  keyOf: (entry: T) => string,
  noun: string,
  why: (entry: unknown) => string = unreadable,
): { list: T[]; unread: string[] } {
  if (value === null || value === undefined) return { list: [], unread: [] };
  if (!Array.isArray(value)) return { list: [], unread: [`what should be a list of entries (${noun}) is none`] };
  const list = new Map<string, T>();
  const unread: string[] = [];
  for (const [n, entry] of value.entries()) {
    const one = read(entry);
    if (one === undefined) unread.push(`${noun} ${n + 1} of the list ${why(entry)}`);
    else if (!list.has(keyOf(one))) list.set(keyOf(one), one);
  }
  return { list: [...list.values()], unread };
}

/** Why an entry could not be read, as the end of a sentence. */
export function unreadable(entry: unknown): string {
  const record = objectIn(entry);
  if (record === undefined) return `is ${kindOf(entry)}`;
  const title = textIn(record['title']) ?? textIn(record['name']);
  return `${title === undefined ? '' : `("${oneLine(title, 60)}") `}has no id that can be asked for`;
}

/** What somebody who looks for it in the portal's answer will see. */
export function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (typeof value === 'string') return `the text "${oneLine(value, 40)}"`;
  if (typeof value === 'object') return Array.isArray(value) ? 'a list' : 'an object';
  return `a ${typeof value}`;
}
