import type { Portal } from '../../arcgis/portal.ts';
import { isMeant, looksTemporary, type Intent } from '../../backup/export-intent.ts';
import { oneLine } from '../../backup/words.ts';
import type { Index, Item } from '../../backup/item.ts';
import { BackupError, endsRun } from '../../errors.ts';
import type { BlobStore } from '../../storage/blob-store.ts';
import { runBlobs } from '../../archive/runs/run-blobs.ts';
import { writeJson } from '../../storage/json-blobs.ts';
import { intentOf, isArchived } from '../../archive/intents.ts';
import { deleteExported } from '../delete-exported.ts';
import type { Deps } from '../deps.ts';

/** What an item may be to us: an export of ours, by an intent of this archive; an imitation; or an item like any other. */
export type Kinship = Intent | 'imitation' | 'none';

/** Tells an export of ours from what only looks so. What the archive holds is a member's. */
export async function kinshipOf(store: BlobStore, index: Index, item: Item): Promise<Kinship> {
  if (!looksTemporary(item)) return 'none';
  const intent = item.id in index ? undefined : await intentOf(store, item);
  return intent !== undefined && isMeant(intent, item) ? intent : 'imitation';
}

/**
 * Deletes an export that another run of this archive left in a member's content; not that of a run under way, which would
 * have to read the layer row by row then. If the portal will not, the run says so and goes on.
 */
export async function sweepExport(
  deps: Deps,
  portal: Portal,
  runId: string,
  { item, intent }: { item: Item; intent: Intent },
): Promise<void> {
  if (intent.runId === runId || !(await isOver(deps.store, intent.runId))) return;
  try {
    if (item['protected'] === true) throw kept(item, 'is protected');
    if (await isArchived(deps, intent, item)) throw kept(item, 'is in the archive');
    await deleteExported(deps, portal, intent, item);
  } catch (error) {
    if (!(error instanceof BackupError) || endsRun(error)) throw error;
    await writeJson(deps.store, runBlobs(runId).warned(item.id), `${error.code}: ${error.message}`);
  }
}

function kept({ id, owner }: Item, why: string): BackupError {
  return new BackupError(
    'EXPORT_NOT_DELETED',
    `The temporary export ${id} of ${oneLine(owner)} ${why}: it was left alone.`,
  );
}

/** Names what looks like an export of ours and is none that this archive knows of. */
export async function warnOf(deps: Deps, runId: string, { id, title, owner }: Item): Promise<void> {
  const what = `${oneLine(title ?? '')} (${id}, ${oneLine(owner)})`;
  const warning = `${what} looks like a temporary export, but this archive did not make it: it was left alone, and is backed up like any other item.`;
  await writeJson(deps.store, runBlobs(runId).warned(`alike-${id}`), warning);
}

/** Deletes those that somebody put into the recycle bin, where they count against the quota for two weeks. */
export async function sweepRecycleBin(
  deps: Deps,
  portal: Portal,
  { username, runId }: { username: string; runId: string },
  index: Index,
): Promise<void> {
  for (const item of await readBin(portal, username)) {
    const kinship = await kinshipOf(deps.store, index, item);
    if (typeof kinship === 'object') await sweepExport(deps, portal, runId, { item, intent: kinship });
  }
}

async function readBin(portal: Portal, username: string): Promise<Item[]> {
  try {
    return await portal.recycleBin(username);
  } catch (error) {
    // A portal without a recycle bin may refuse the question; there is nothing to sweep then.
    if (!(error instanceof BackupError) || !error.code.startsWith('PORTAL_')) throw error;
    return [];
  }
}

// beginRun has recorded the end of every run that it found dead. What has neither record nor lists is long gone.
async function isOver(store: BlobStore, runId: string): Promise<boolean> {
  const { record, members } = runBlobs(runId);
  return (await store.stat(record)) !== undefined || (await store.stat(members)) === undefined;
}
