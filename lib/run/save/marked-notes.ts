import type { Redactor } from '../../arcgis/connection/redactor.ts';
import type { Found } from '../../backup/found.ts';
import { recordBytes } from '../../backup/record.ts';
import type { Part } from '../../backup/item.ts';
import type { Taken } from './stage-part.ts';

/** A note for each part in which a secret of the session stood, also for one of before that is kept. */
export function markedNotes(
  redactor: Redactor,
  { item, saved }: Found,
  taken: readonly Taken[],
  kept: readonly Part[],
): string[] {
  const note = (path: string) => `A token of the backup's own session stood in ${path}; a mark took its place.`;
  const marked = taken
    .filter(({ bytes, isMarked }) => isMarked || redactor.isMarked(bytes))
    .map(({ part }) => part.path);
  if (redactor.isMarked(recordBytes(item))) marked.push('item.json');
  const before = new Set(kept.map(({ path }) => note(path)));
  return [...marked.map(note), ...(saved?.notes ?? []).filter((each) => before.has(each))];
}
