import type { Redactor } from '../../arcgis/connection/redactor.ts';
import type { Found } from '../../backup/found.ts';
import { recordBytes } from '../../backup/record.ts';
import { note, type Note } from '../../backup/notes.ts';
import type { Taken } from './stage-part.ts';

/** A note for each part in which a secret of the session stood. */
export function markedNotes(redactor: Redactor, { item }: Found, taken: readonly Taken[]): Note[] {
  const marked = taken
    .filter(({ bytes, isMarked }) => isMarked || redactor.isMarked(bytes))
    .map(({ part }) => part.path);
  if (redactor.isMarked(recordBytes(item))) marked.push('item.json');
  return marked.map((path) =>
    note('TOKEN_MARKED', `A token of the backup's own session stood in ${path}; a mark took its place.`, path),
  );
}
