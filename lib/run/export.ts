import type { ExportFormat } from '../backup/formats.ts';
import { exportTitle, exportTag } from '../arcgis/temporary.ts';
import { toFailure } from '../errors.ts';
import type { Log } from '../monitor/log.ts';
import { runBlobs, writeJson } from './blobs.ts';
import type { ExportingInput, ExportInput, ExportStarted, ExportStatus } from '../backup/messages.ts';
import type { Parts } from './parts.ts';
import { failItem, readFound } from './save.ts';
import { salvageItem } from './salvage.ts';

/**
 * Starts the export of a hosted feature layer, unless a dead run staged this very version already.
 * Running twice starts two exports; the one that nobody waits for is deleted by the next run.
 */
export async function startExport(parts: Parts, input: ExportInput, log: Log): Promise<ExportStarted> {
  const { runId, work, format } = input;
  const found = await readFound(parts, work);
  const { item, onlyTables } = found;
  try {
    if (await salvageItem(parts, input, found, runBlobs(runId).staged(item.id)))
      return { ended: { ok: true, bytes: 0 } };
    const portal = await parts.portal(runId);
    const title = exportTitle({ store: parts.mark, itemId: item.id, runId });
    const exporting = await portal.startExport({
      itemId: item.id,
      owner: item.owner,
      title,
      format,
      tags: [exportTag],
    });
    log({ event: 'export.waiting', runId, user: item.owner, itemId: item.id });
    return { exporting, format, onlyTables, timeout: parts.rules.exportTimeout };
  } catch (error) {
    if (mayBeCsv(format, onlyTables, error)) return startExport(parts, { ...input, format: 'CSV' }, log);
    const { code, message } = toFailure(error);
    if (code === 'EXPORT_REFUSED' || code === 'EXPORT_FAILED') return { refused: { code, message } };
    return { ended: await failItem(parts, input, found, error, log) };
  }
}

/** A service of tables alone that the portal cannot make a geodatabase of is exported as CSV. */
export function mayBeCsv(format: ExportFormat, onlyTables: boolean, error: unknown): boolean {
  const { code } = toFailure(error);
  return onlyTables && format === 'File Geodatabase' && (code === 'EXPORT_FAILED' || code === 'EXPORT_REFUSED');
}

/** How the export is doing. A failed job is an answer, not an exception. */
export async function pollExport(parts: Parts, { runId, exporting }: ExportingInput): Promise<ExportStatus> {
  const portal = await parts.portal(runId);
  return portal.exportStatus(exporting);
}

/**
 * Deletes the temporary export for good, not into the recycle bin. If the portal will not, the run says so, and the
 * next one tries again: the item itself was saved.
 */
export async function deleteExport(parts: Parts, { runId, exporting }: ExportingInput): Promise<null> {
  try {
    const portal = await parts.portal(runId);
    await portal.deletePermanently({ id: exporting.exportItemId, owner: exporting.owner });
  } catch (error) {
    const { code, message } = toFailure(error);
    await writeJson(parts.store, runBlobs(runId).warned(exporting.exportItemId), `${code}: ${message}`);
  }
  return null;
}
