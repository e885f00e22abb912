import type { RowsNote } from '../../journal/entries.ts';
import type { Version } from '../../version.ts';
import { documentsOf, openDocuments } from './documents.ts';
import { geodatabaseOf, openCopy, removeCopy, type Copying } from './private-copy.ts';
import type { RowSource } from './source.ts';

/** Rows that can be read, until they are closed. */
export interface OpenSource {
  source: RowSource;
  /** Deletes what was made in the portal to read them. */
  close(): Promise<void>;
}

/**
 * Opens the rows of a version: documents of rows in the archive itself, a file geodatabase by a private copy that the portal makes of
 * it. Throws RESTORE_COPY, RESTORE_DAMAGED, RESTORE_REFUSED, PORTAL_….
 * @param note hears that a copy is about to be made, before it is
 */
export async function openSource(
  copying: Copying,
  version: Version,
  note: (what: RowsNote) => Promise<void>,
): Promise<OpenSource> {
  const part = geodatabaseOf(version);
  if (documentsOf(version).length > 0 || part === undefined)
    return { source: await openDocuments(copying.archive, version), close: () => Promise.resolve() };
  await note({ is: 'copying' });
  try {
    return { source: await openCopy(copying, version, part), close: () => removeCopy(copying, version.itemId) };
  } catch (error) {
    await removeCopy(copying, version.itemId);
    throw error;
  }
}
