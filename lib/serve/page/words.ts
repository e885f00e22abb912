import { momentText, numberOf, titleOf } from '../../backup/words.ts';
import { folderType, groupType } from '../../restore/words.ts';
import { html, type Html } from './html.ts';

// The page and the command say sizes, counts, titles and moments alike.
export { readable as size } from '../../backup/words.ts';

const number = new Intl.NumberFormat('en');

/** `1,234`. */
export function count(value: number): string {
  return number.format(value);
}

/** `1 item`, `1,234 items`. */
export function many(value: number, one: string, more = `${one}s`): string {
  return numberOf(value, one, more, count);
}

/** A span in its two largest units: `3 h 12 min`. */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const parts: [number, string][] = [
    [Math.floor(seconds / 86_400), seconds < 172_800 ? 'day' : 'days'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ];
  const first = parts.findIndex(([value]) => value > 0);
  if (first < 0) return '0 s';
  return parts
    .slice(first, first + 2)
    .filter(([value]) => value > 0)
    .map(([value, unit]) => `${value} ${unit}`)
    .join(' ');
}

/** A moment: in UTC, which the page's script turns into the reader's zone, with UTC to be read on hover. */
export function moment(time: number | string): Html {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return html`<span>unknown</span>`;
  const text = momentText(date.getTime());
  return html`<time datetime="${date.toISOString()}" title="${text}">${text}</time>`;
}

/** A name that a member gave: it may run from right to left, which must not turn what stands beside it. */
export function named(title: string, id: string | null = null): Html {
  const plain = title.trim();
  if (plain !== '') return html`<bdi>${plain}</bdi>`;
  return html`<bdi>${id === null ? '(untitled)' : titleOf({ title, itemId: id })}</bdi>`;
}

/** The address of an item's page. */
export function itemAddress(id: string, at?: string): string {
  return `/items/${encodeURIComponent(id)}${at === undefined ? '' : `?at=${encodeURIComponent(at)}`}`;
}

/** A link to what a plan tells of, or its name where it is no item: groups and folders have no page. */
export function thingLink({ itemId, title, type }: { itemId: string; title: string; type: string }, at?: string): Html {
  return type === groupType || type === folderType ? named(title, itemId) : itemLink(itemId, title, at);
}

/** A link to an item, or its name where there is no item to be shown. */
export function itemLink(id: string | null, title: string, at?: string): Html {
  return id === null ? named(title) : html`<a href="${itemAddress(id, at)}">${named(title, id)}</a>`;
}
