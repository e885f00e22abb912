import type { Condition } from './blob-store.ts';

/** May a write with this condition go on, when the blob has this ETag (undefined: is not there)? */
export function holds(condition: Condition | undefined, etag: string | undefined): boolean {
  if (condition === undefined) return true;
  return 'absent' in condition ? etag === undefined : etag === condition.etag;
}
