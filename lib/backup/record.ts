import { canonicalJson } from './json.ts';
import { typeInfo } from './types.ts';
import type { Item } from './item.ts';

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
export function recordBytes(item: Item): Buffer {
  const kept = Object.entries(item).filter(([field]) => !volatile.has(field));
  return Buffer.from(canonicalJson(Object.fromEntries(kept)));
}
