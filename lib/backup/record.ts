import { canonicalJson } from './json.ts';
import type { Item } from './words.ts';

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

/** The bytes of `item.json`: the record as the listing gave it, without what changes by itself. */
export function recordBytes(item: Item): Buffer {
  const kept = Object.entries(item).filter(([field]) => !volatile.has(field));
  return Buffer.from(canonicalJson(Object.fromEntries(kept)));
}
