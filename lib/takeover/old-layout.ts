import type { Folder, Item } from '../backup/item.ts';

/** Where SEMCOG/Ago_Backup keeps an item, and what it calls its files (docs/reference/semcog-archive.md). */

/** The folder above all members. */
export const usersFolder = 'Users';
/** The log of the last run, which changes nearly every night. */
export const lastRunLog = 'last_run.log';
/** Of modification times, beside each item's files. */
export const stampFile = 'timestamp.txt';
export const metadataFile = 'metadata.xml';

/** One item's directory in the old archive. */
export interface OldDirectory {
  /** from the root: Users/<member>/<folder>/<type>/<title> */
  path: string;
  user: string;
  folder: string;
  type: string;
  title: string;
  /** object ids by file name */
  files: ReadonlyMap<string, string>;
}

/** The directory in which the old script keeps an item. @param folder undefined outside any folder */
export function oldPath({ owner, type, title }: Pick<Item, 'owner' | 'type' | 'title'>, folder?: Folder): string {
  const folderName = folder === undefined ? 'None' : clean(folder.title);
  return [usersFolder, clean(owner), folderName, type, clean(title)].join('/');
}

/**
 * The same for directories that a disk of Windows took for one another: it knows no case, and drops dots and spaces at the end of a
 * name.
 */
export function foldedPath(path: string): string {
  const names = path.split('/').map((name) =>
    name
      .normalize('NFC')
      .toLowerCase()
      .replace(/[. ]+$/, ''),
  );
  return names.join('/');
}

/** The name of the item's file: its own, or the title as it is. A name with a slash could not be written. */
export function dataFile({ name, title }: Pick<Item, 'name' | 'title'>): string | undefined {
  const file = name !== null && name !== '' ? name : (title ?? '');
  return file === '' || file.includes('/') ? undefined : file;
}

/** The file that an exported service was saved as. */
export function exportFile(files: Iterable<string>): string | undefined {
  return [...files].find((name) => /_SourceData_ForBackup\.(?:zip|csv)$/.test(name));
}

/** What the old script replaced in a name since 2020-01-03; nothing else. */
function clean(text: string | null): string {
  if (text === null || text === '') return 'Missing';
  return text.replace(/[/$:]/g, '-').trim();
}
