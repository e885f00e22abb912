import { canonicalJson } from './json.ts';
import { typeInfo } from './types.ts';
import type { Item } from './item.ts';
import type { NoteCode } from './notes.ts';

/** Fields that change without anybody changing the item (arcgis-rest.md 4.1), or that only some listings have. */
const volatile = new Set([
  'numViews',
  'numComments',
  'numRatings',
  'avgRating',
  'lastViewed',
  'lastModified',
  'scoreCompleteness',
]);

/**
 * The size of the file that an item is, in bytes, as its record tells it; undefined where it tells none. Only of what was
 * uploaded as a file: of JSON and of services the portal counts in ways of its own.
 */
export function fileSize({ type, name, size }: Item): number | undefined {
  const isFile = typeInfo(type).content === 'file' && /[^.]\.\w+$/.test(name ?? '');
  return isFile && Number.isSafeInteger(size) && size > 0 ? size : undefined;
}

/** The bytes of `item.json`: the record as the listing gave it, without what changes by itself. */
export function recordBytes({ odd, ...item }: Item): Buffer {
  const kept = Object.entries({ ...item, ...odd }).filter(([field]) => !volatile.has(field));
  return Buffer.from(canonicalJson(Object.fromEntries(kept)));
}

/** What the record lacks for the job; nothing where it is as its documentation says. */
export function recordNotes(item: Item): { code: NoteCode; text: string }[] {
  const odd = Object.keys(item.odd ?? {}).filter((field) => field !== 'odd');
  const fields = `The portal's record is not as its documentation says in: ${odd.sort().join(', ')}.`;
  const undated =
    'The portal does not say when this item was changed: what has no date of its own is fetched anew every time.';
  return [
    ...(odd.length > 0 ? [{ code: 'RECORD_ODD' as const, text: fields }] : []),
    ...(isUndated(item) ? [{ code: 'RECORD_UNDATED' as const, text: undated }] : []),
  ];
}

/** Does the portal not say when the item was changed? Then nothing tells whether it was. */
export function isUndated({ modified }: Pick<Item, 'modified'>): boolean {
  return !(modified > 0);
}

/** Does the record not say what the item is made of? It may be a hosted service then, and have metadata. */
export function lacksKeywords({ odd }: Item): boolean {
  return odd !== undefined && 'typeKeywords' in odd;
}
