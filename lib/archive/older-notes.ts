import { note, type Note, type NoteCode } from '../backup/notes.ts';

/** How the sentences begin that version 1 of backup.json has in place of notes; a group is the part that one is about. */
const sentences: readonly (readonly [RegExp, NoteCode, part?: string])[] = [
  [/^The portal has no data for this item\./, 'NO_DATA'],
  [/^Rows were read by queries: a view |^A view: /, 'VIEW_ROWS'],
  [/^Rows were read by queries\. /, 'ROWS_BY_QUERIES'],
  [/^Rows were added or deleted while /, 'ROWS_MOVED'],
  [/^Rows of the export were not counted: /, 'ROWS_NOT_COUNTED'],
  [/^Rows of ".*": the service counts /, 'ROWS_MISCOUNTED'],
  [/^Rows of ".*" have no object id: /, 'ROWS_WITHOUT_ID'],
  [/^Rows of .* are edited without a date: /, 'ROWS_UNDATED'],
  [/^Saved as the portal has it, although it is not what its name says: (.*?): /, 'ODD_CONTENT'],
  [/^A token of the backup's own session stood in (.*); a mark took its place\./, 'TOKEN_MARKED'],
  [/^The service at the address of this item /, 'NOT_OWN'],
  [/^The portal refuses (.*?)(?: \(.*\))? to the account of the backup; /, 'REFUSED'],
  [/^The portal lists (.*), but does not have it\./, 'NOT_THERE'],
  [/^The portal does not have the thumbnail /, 'NOT_THERE'],
  [/^The portal has no metadata for this item, /, 'NOT_THERE', 'metadata.xml'],
  [/^The portal does not know the relationship /, 'NOT_THERE', 'related.json'],
  [/^The portal has no list of resources /, 'NOT_TOLD', 'resources'],
  [/^The server does not have the definition /, 'NOT_TOLD', 'layers.json'],
  [/^The portal tells only the owner /, 'NOT_TOLD', 'sharing.json'],
  [/^The type .* is not in the table of types; /, 'TYPE_UNKNOWN'],
];

/** Notes as this version has them. @param notes as any version has stored them */
export function readNotes(notes: readonly (Note | string)[]): Note[] {
  return notes.map((each) => (typeof each === 'string' ? olderNote(each) : each));
}

/** The note that a sentence of version 1 stands for. Nothing but the reading of what is stored knows these sentences. */
export function olderNote(text: string): Note {
  for (const [pattern, code, part] of sentences) {
    const found = pattern.exec(text);
    if (found !== null) return note(code, text, part ?? found[1]);
  }
  return note('OTHER', text);
}
