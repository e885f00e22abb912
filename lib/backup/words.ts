/** How portal texts, items, numbers and moments are written for people, in every place the same. */

/**
 * A portal text inside a line of ours: control characters, line ends and direction marks become spaces, so that it can
 * forge neither a line nor a trailer nor a terminal sequence.
 */
export function oneLine(text: string, most = 200): string {
  const plain = text.replace(/[\p{Cc}\p{Cs}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu, ' ').trim();
  return plain.length > most ? `${plain.slice(0, most - 1)}…` : plain;
}

/** How an item is called; one without a title by its id. */
export function titleOf({ title, itemId }: { title: string; itemId: string }): string {
  return title.trim() === '' ? `(untitled, ${itemId})` : title;
}

/** Bytes as people say them: `1.2 MB`; a thousand of one unit is one of the next. */
export function readable(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  // What would be written as 1000.0 is one of the next unit.
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes * 1.00005)) / 3));
  if (power === 0) return numberOf(bytes, 'byte');
  return `${(bytes / 1000 ** power).toFixed(1)} ${units[power] ?? ''}`;
}

/** A number with what it counts: `1 item`, `2 items`, `2 copies`. @param written how the number is written */
export function numberOf(
  count: number,
  what: string,
  many = `${what}s`,
  written: (n: number) => string = String,
): string {
  return `${written(count)} ${count === 1 ? what : many}`;
}

/** A moment to its minute: `2026-11-29 02:00 UTC`. @param time epoch ms */
export function momentText(time: number): string {
  return `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
