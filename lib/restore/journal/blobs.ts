import { allRestores } from '../../archive/layout.ts';
import { BackupError } from '../../errors.ts';
import type { BlobStore } from '../../storage/blob-store.ts';
import { namesOf, readAllJson, readJson } from '../../storage/json-blobs.ts';
import type { Entry } from './entries.ts';
import type { Restore } from './restore.ts';

/** Where the journal of a restore lies in the archive's store, and how it is read. */

const folderOf = (restoreId: string) => `${allRestores}${restoreId}/`;
/** What was planned of a restore. */
export const planName = (restoreId: string) => `${folderOf(restoreId)}plan.json`;
/** Where its entries lie. */
export const entriesOf = (restoreId: string) => `${folderOf(restoreId)}journal/`;
/** One of them, by its number from 1. */
export const entryName = (restoreId: string, n: number) => `${entriesOf(restoreId)}${String(n).padStart(6, '0')}.json`;

/** The form of a restore's id. */
export const idForm = /^[0-9a-f-]{36}$/;

/** What a restore was asked for and has planned. Throws RESTORE_UNKNOWN, STORE_DAMAGED. */
export async function readRestore(store: BlobStore, restoreId: string): Promise<Restore> {
  const restore = idForm.test(restoreId) ? await readJson<Restore>(store, planName(restoreId)) : undefined;
  // Of an older version it knows no groups.
  if (restore?.restoreId === restoreId) return { ...restore, groups: (restore as Partial<Restore>).groups ?? {} };
  throw new BackupError('RESTORE_UNKNOWN', `There is no restore ${restoreId.slice(0, 50)} in ${store.address}.`);
}

/** All its entries, in their order. Throws STORE_DAMAGED. */
export async function readEntries(store: BlobStore, restoreId: string): Promise<Entry[]> {
  const entries: Entry[] = [];
  for await (const { name, value } of readAllJson<Entry>(store, namesOf(store.list(entriesOf(restoreId))))) {
    if (name !== entryName(restoreId, entries.length + 1) || value.n !== entries.length + 1)
      throw gap(restoreId, entries.length + 1);
    entries.push(value);
  }
  return entries;
}

/** An entry is not there, or is another one. */
export function gap(restoreId: string, n: number): BackupError {
  return new BackupError('STORE_DAMAGED', `The journal of restore ${restoreId} lacks entry ${n}.`);
}
