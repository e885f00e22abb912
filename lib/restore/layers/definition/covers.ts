import { objectIn } from '../../../arcgis/connection/fields.ts';
import { canonicalJson } from '../../../backup/json.ts';

/** Does a living value hold all that the saved one says? A portal may add to it what is usual, and leave out what is nothing. */
export function covers(living: unknown, saved: unknown): boolean {
  if (isNothing(saved)) return true;
  if (saved === false || saved === 0) return living === saved || isNothing(living);
  if (Array.isArray(saved))
    return Array.isArray(living) && living.length === saved.length && saved.every((each, n) => covers(living[n], each));
  const fields = objectIn(saved);
  if (fields === undefined) return canonicalJson(living) === canonicalJson(saved);
  const other = objectIn(living);
  return other === undefined
    ? Object.values(fields).every(isNothing)
    : Object.entries(fields).every(([key, value]) => covers(other[key], value));
}

function isNothing(value: unknown): boolean {
  return value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0);
}
