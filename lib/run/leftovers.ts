import type { Portal } from '../arcgis/portal.ts';
import { markOf } from '../arcgis/temporary.ts';
import type { CheckInput } from '../backup/messages.ts';
import type { Item } from '../backup/words.ts';
import { BackupError } from '../errors.ts';
import type { BlobStore } from '../storage/blob-store.ts';
import { runBlobs, writeJson } from './blobs.ts';
import type { Parts } from './parts.ts';

/**
 * Deletes an export that another run of this archive left in a member's content; not that of a run under way, which would
 * have to read the layer row by row then. If the portal will not, the run says so and goes on.
 */
export async function sweepExport(parts: Parts, portal: Portal, runId: string, item: Item): Promise<void> {
  const { id, owner } = item;
  if (!(await isOver(parts.store, markOf(item)?.runId ?? runId))) return;
  try {
    await portal.deletePermanently({ id, owner });
  } catch (error) {
    if (!(error instanceof BackupError)) throw error;
    await writeJson(parts.store, runBlobs(runId).warned(id), `${error.code}: ${error.message}`);
  }
}

/** The same for those that somebody put into the recycle bin, where they count against the quota for two weeks. */
export async function sweepRecycleBin(parts: Parts, portal: Portal, { username, runId }: CheckInput): Promise<void> {
  try {
    for (const item of await portal.recycleBin(username)) {
      const mark = markOf(item);
      if (mark?.store === parts.mark && mark.runId !== runId) await sweepExport(parts, portal, runId, item);
    }
  } catch (error) {
    // A portal without a recycle bin may refuse the question; there is nothing to sweep then.
    if (!(error instanceof BackupError) || !error.code.startsWith('PORTAL_')) throw error;
  }
}

// beginRun has recorded the end of every run that it found dead. What has neither record nor lists is long gone.
async function isOver(store: BlobStore, runId: string): Promise<boolean> {
  const { record, members } = runBlobs(runId);
  return (await store.stat(record)) !== undefined || (await store.stat(members)) === undefined;
}
