import type { Exporting } from '../../../arcgis/exports/exports.ts';
import { type Intent, isMeant } from '../../../backup/export-intent.ts';
import { runBlobs } from '../../../archive/runs/run-blobs.ts';
import { readIntent } from '../../../archive/intents.ts';
import { deleteExported } from '../../delete-exported.ts';
import type { Portal } from '../../../arcgis/portal.ts';
import type { RunStep } from '../../../backup/run.ts';
import type { Deps } from '../../deps.ts';
import { writeJson } from '../../../storage/json-blobs.ts';
import { toFailure, BackupError } from '../../../errors.ts';

/** deleteExport's input. */
export interface ExportingInput extends RunStep {
  exporting: Exporting;
}

/**
 * Deletes the temporary export for good, not into the recycle bin. If the portal will not, the run says so, and the
 * next one tries again: the item itself was saved.
 */
export async function deleteExport(deps: Deps, { runId, exporting }: ExportingInput): Promise<null> {
  const { exportItemId: id, intent: name } = exporting;
  try {
    const intent = await readIntent(deps.store, name);
    if (intent === undefined) return null;
    const portal = await deps.portal(runId);
    await deleteExported(deps, portal, intent, await proven(portal, intent, exporting));
  } catch (error) {
    const { code, message } = toFailure(error);
    await writeJson(deps.store, runBlobs(runId).warned(id), `${code}: ${message}`);
  }
  return null;
}

/**
 * What is to be deleted: what the portal has shown to be the export, by now at the latest; undefined when it shows nothing
 * under the id that it once gave. Throws EXPORT_NOT_DELETED.
 */
async function proven(portal: Portal, intent: Intent, { exportItemId: id, owner, proved }: Exporting) {
  if (proved) return { id, owner };
  const item = await portal.item(id);
  if (item === undefined || isMeant(intent, item)) return item;
  throw new BackupError('EXPORT_NOT_DELETED', `The temporary export ${id} is another item now: it was left alone.`);
}
