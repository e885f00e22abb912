import type { Part } from './item.ts';

/**
 * What a reader of `backup.json` should know about one item. The code says it to programs, ours too; the sentence says it to
 * people, and nothing decides by it.
 */
export interface Note {
  /** a `NoteCode`, or one that another version of ago-backup knows */
  code: string;
  text: string;
  /** path of the part that it is about */
  part?: string | undefined;
}

/** How long a note stays when its item is refreshed: as its data does, as its part does, or it is told anew. */
type Stay = 'data' | 'part' | 'anew';

/** What each code says. docs/coverage.md is made from it. */
const codes = {
  NO_DATA: ['data', 'The portal has no data for this item.'],
  VIEW_ROWS: ['data', 'Rows were read by queries, because it is a view.'],
  ROWS_BY_QUERIES: [
    'data',
    'Rows were read by queries, because the export came to nothing; it is tried again every night.',
  ],
  ROWS_MOVED: ['data', 'Rows came or went during both exports; the newest may be lacking.'],
  ROWS_NOT_COUNTED: ['data', 'The rows of the export could not be counted.'],
  ROWS_MISCOUNTED: [
    'part',
    'The service counts other rows than it gives, whenever it is asked; those that it gives were saved.',
  ],
  ROWS_UNDATED: ['data', 'Rows are edited without a date.'],
  ROWS_WITHOUT_ID: ['data', 'Rows without an object id were read in the order of their values.'],
  ROWS_CLOSED: ['data', 'The service itself says that the rows cannot be queried; a version that was saved stays.'],
  ATTACHMENT_LACKING: [
    'part',
    'The service lists an attachment of these rows and does not have it, or refuses it; a version that was saved stays.',
  ],
  SERVICE_GONE: ['anew', 'There is no service at the address of the item; what was saved of it stays.'],
  ODD_CONTENT: ['part', 'The part is what the portal has, although it is not what its name says.'],
  TOKEN_MARKED: ['part', "A token of the backup's own session stood in the part; a mark took its place."],
  NOT_OWN: [
    'anew',
    'The service that the item points to does not belong to it; neither definition nor rows were saved.',
  ],
  REFUSED: ['anew', 'The portal refuses the part to the account of the backup; a version that was saved stays.'],
  NOT_THERE: ['anew', 'The portal names the part and does not have it.'],
  NOT_TOLD: ['anew', 'The portal does not tell the part, or the list of such parts; what was saved stays.'],
  TYPE_UNKNOWN: ['anew', 'The type is not in the table of types; everything it offers was saved.'],
  RECORD_ODD: [
    'anew',
    "Fields of the portal's record are not as its documentation says; item.json has them as they are.",
  ],
  RECORD_UNDATED: ['anew', 'The portal does not say when the item was changed; it is fetched anew every time.'],
  FOLDER_UNLISTED: ['anew', 'The portal does not list the folder that the item lies in.'],
  TAKEN_OVER: [
    'anew',
    'The files were taken over from an archive of SEMCOG/Ago_Backup; the next run adds what that did not save.',
  ],
  OTHER: ['anew', 'Something else that an older version noted.'],
} as const satisfies Record<string, readonly [Stay, string]>;

/** What a note says, for programs. */
export type NoteCode = keyof typeof codes;

/** What they mean, in words. */
export const noteMeanings = Object.entries(codes).map(([code, [, meaning]]) => ({ code, meaning }));

/** Makes a note. @param part path of the part that it is about, where it is about one */
export function note(code: NoteCode, text: string, part?: string): Note {
  return { code, text, ...(part !== undefined && { part }) };
}

/** Is there a note that says this? */
export function says(notes: readonly Note[], code: NoteCode): boolean {
  return notes.some((each) => each.code === code);
}

/**
 * Of the notes of before, those that still hold, since what they are about stays as it was.
 * @param kept the parts that stay @param isDataKept does the item keep its data, or keep having none?
 */
export function stillHold(notes: readonly Note[], kept: readonly Part[], isDataKept: boolean): Note[] {
  const paths = new Set(kept.map(({ path }) => path));
  return notes.filter(({ code, part }) => {
    const [how] = (codes as Partial<Record<string, readonly [Stay, string]>>)[code] ?? [];
    return how === 'part' ? part !== undefined && paths.has(part) : how === 'data' && isDataKept;
  });
}

/** As `backup.json` lists them: once each, in an order that depends on nothing else. */
export function sortNotes(notes: readonly Note[]): Note[] {
  const byText = new Map(notes.map((each) => [`${each.text}\n${each.code}\n${each.part ?? ''}`, each]));
  return [...byText].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each);
}
