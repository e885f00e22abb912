import type { Portal } from '../arcgis/portal.ts';
import { markOf } from '../arcgis/temporary.ts';
import type { CheckInput } from '../backup/messages.ts';
import type { Item } from '../backup/words.ts';
import { BackupError } from '../errors.ts';
import { runBlobs, writeJson } from './blobs.ts';
import type { Parts } from './parts.ts';

/**
 * Deletes an export that an earlier run of this archive left in a member's content. If the portal will not, the run says
 * so and goes on.
 */
export async function sweepExport(parts: Parts, portal: Portal, runId: string, { id, owner }: Item): Promise<void> {
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
