import { BackupError } from '../../../errors.ts';
import type { Version } from '../../version.ts';
import { removeCopy, type Copying } from './copy/copying.ts';
import { geodatabaseOf, openCopy } from './copy/open-copy.ts';
import { documentsOf, openDocuments } from './documents.ts';
import type { RowSource } from './source.ts';
import type { RowsWork } from './work.ts';

/** Rows that can be read, until they are closed. */
export interface OpenSource {
  source: RowSource;
  /** Deletes what was made in the portal to read them. */
  close(): Promise<void>;
}

/**
 * Opens the rows of a version: documents of rows in the archive itself, a file geodatabase by a private copy that the portal makes of
 * it. Throws RESTORE_COPY, RESTORE_DAMAGED, RESTORE_REFUSED, PORTAL_…, PartOver.
 */
export async function openSource(copying: Copying, version: Version, work: RowsWork): Promise<OpenSource> {
  const part = geodatabaseOf(version);
  if (documentsOf(version).length > 0 || part === undefined)
    return { source: await openDocuments(copying.archive, version), close: () => Promise.resolve() };
  if (!work.notes.some(({ is }) => is === 'copying')) await work.note({ is: 'copying' });
  try {
    return { source: await openCopy(copying, version, part, work), close: () => removeCopy(copying, version.itemId) };
  } catch (error) {
    if (error instanceof BackupError) await removeCopy(copying, version.itemId);
    throw error;
  }
}
