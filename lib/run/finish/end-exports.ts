import type { Portal } from '../../arcgis/portal.ts';
import { isMeant, type Intent } from '../../backup/export-intent.ts';
import type { RunStep } from '../../backup/run.ts';
import { BackupError, isCode } from '../../errors.ts';
import { allIntents } from '../../archive/layout.ts';
import type { BlobStore } from '../../storage/blob-store.ts';
import { isArchived, readIntent } from '../../archive/intents.ts';
import { deleteExported } from '../delete-exported.ts';
import type { Deps } from '../deps.ts';

/**
 * Deletes what a run that has ended before its time still has in the portal: it may be a night until the next one looks,
 * and a disk may be too full to go on with what was begun. Where portal or store will not, the next run does it.
 * @returns what could not be deleted, a sentence each
 */
export async function endExports(deps: Deps, { runId }: Pick<RunStep, 'runId'>): Promise<string[]> {
  try {
    const intents = await intentsOf(deps, runId);
    if (intents.length === 0) return [];
    const portal = await deps.portal(runId);
    const left = await Promise.all(intents.map((intent) => endExport(deps, portal, intent)));
    return left.filter((sentence) => sentence !== undefined);
  } catch (error) {
    return [told(error)];
  }
}

async function intentsOf({ store }: Deps, runId: string): Promise<Intent[]> {
  const intents: Intent[] = [];
  for await (const { name } of store.list(allIntents)) {
    const intent = await readSound(store, name.slice(allIntents.length).replace(/\.json$/, ''));
    if (intent?.runId === runId) intents.push(intent);
  }
  return intents;
}

/** One that is damaged gives no right to anything, and keeps no other from its end. */
async function readSound(store: BlobStore, name: string): Promise<Intent | undefined> {
  try {
    return await readIntent(store, name);
  } catch (error) {
    if (isCode(error, 'STORE_DAMAGED')) return undefined;
    throw error;
  }
}

async function endExport(deps: Deps, portal: Portal, intent: Intent): Promise<string | undefined> {
  try {
    for (const item of await candidates(portal, intent)) {
      // What has become somebody's meanwhile is left to the next run, which names it.
      if (!isMeant(intent, item) || item['protected'] === true || (await isArchived(deps, intent, item))) continue;
      await deleteExported(deps, portal, intent, item);
    }
    return undefined;
  } catch (error) {
    return told(error);
  }
}

/** The item that the portal named or, where its answer was lost, what the owners have newest. */
async function candidates(portal: Portal, { exportItemId, owners }: Intent) {
  if (exportItemId === undefined) return (await Promise.all(owners.map((owner) => portal.newest(owner)))).flat();
  const item = await portal.item(exportItemId);
  return item === undefined ? [] : [item];
}

function told(error: unknown): string {
  if (!(error instanceof BackupError)) throw error;
  return `${error.code}: ${error.message}`;
}
