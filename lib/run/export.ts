import { exportFormats, type ExportFormat } from '../backup/formats.ts';
import { exportTitle, exportTag } from '../arcgis/temporary.ts';
import { toFailure } from '../errors.ts';
import type { Log } from '../monitor/log.ts';
import { readJson, runBlobs, writeFirst, writeJson } from './blobs.ts';
import type {
  Exporting,
  ExportingInput,
  ExportInput,
  ExportStarted,
  Found,
  Polled,
  PollInput,
} from '../backup/messages.ts';
import type { Parts } from './parts.ts';
import { refuseLate } from './record.ts';
import { failItem, readFound } from './save.ts';
import { salvageItem } from './salvage.ts';
import { countBefore } from './take-export.ts';

/**
 * Starts the export of a hosted feature layer, unless a dead run staged this very version already. Executed again, also at
 * the same time, it answers with the export that was started first. Throws RUN_DEAD and RUN_CANCELLED when the run has ended.
 */
export async function startExport(parts: Parts, input: ExportInput, log: Log): Promise<ExportStarted> {
  const { runId, work, format, again } = input;
  await refuseLate(parts.store, runId);
  const found = await readFound(parts, work);
  const { item, onlyTables } = found;
  const begun = (exporting: Exporting) => ({ exporting, format, onlyTables, timeout: parts.rules.exportTimeout });
  if (await isStaged(parts, input)) return endStaged(parts, input);
  const earlier = await readJson<Exporting>(parts.store, runBlobs(runId).exporting(item.id, format, again));
  if (earlier !== undefined) return begun(earlier);
  let own: Exporting;
  try {
    if (await salvageItem(parts, input, found, runBlobs(runId).staged(item.id)))
      return { ended: { ok: true, bytes: 0 } };
    await countBefore(parts, input, item);
    own = await start(parts, runId, found, format);
  } catch (error) {
    if (mayBeCsv(format, onlyTables, error)) return startExport(parts, { ...input, format: 'CSV' }, log);
    const { code, message } = toFailure(error);
    if (code === 'EXPORT_REFUSED' || code === 'EXPORT_FAILED') return { refused: { code, message } };
    return { ended: await failItem(parts, input, found, error, log) };
  }
  log({ event: 'export.waiting', runId, user: item.owner, itemId: item.id });
  return begun(await keepFirst(parts, input, own));
}

/** An earlier execution saved it; whether it came to delete its export nobody knows. */
async function endStaged(parts: Parts, { runId, started, work }: ExportInput): Promise<ExportStarted> {
  const tries = exportFormats.flatMap((format) => [false, true].map((again) => ({ format, again })));
  for (const { format, again } of tries) {
    const exporting = await readJson<Exporting>(parts.store, runBlobs(runId).exporting(work.itemId, format, again));
    if (exporting !== undefined) await deleteExport(parts, { runId, started, exporting });
  }
  return { ended: { ok: true, bytes: 0 } };
}

/** Has this run saved it already? */
async function isStaged({ store }: Parts, { runId, work }: Pick<ExportInput, 'runId' | 'work'>): Promise<boolean> {
  return (await store.stat(runBlobs(runId).staged(work.itemId))) !== undefined;
}

async function start(parts: Parts, runId: string, { item }: Found, format: ExportFormat): Promise<Exporting> {
  const portal = await parts.portal(runId);
  const title = exportTitle({ store: parts.mark, itemId: item.id, runId });
  return portal.startExport({ itemId: item.id, owner: item.owner, title, format, tags: [exportTag] });
}

/** The first export that is written down is waited for; the execution that made another one deletes it. */
async function keepFirst(parts: Parts, { runId, started, work, format, again }: ExportInput, own: Exporting) {
  const first = await writeFirst(parts.store, runBlobs(runId).exporting(work.itemId, format, again), own);
  const discard = () => deleteExport(parts, { runId, started, exporting: own });
  if (first.exportItemId !== own.exportItemId) await discard();
  try {
    // Only now: while the portal took its time the run may have ended, and nobody waits any more.
    await refuseLate(parts.store, runId);
  } catch (error) {
    await discard();
    throw error;
  }
  return first;
}

/** A service of tables alone that the portal cannot make a geodatabase of is exported as CSV. */
export function mayBeCsv(format: ExportFormat, onlyTables: boolean, error: unknown): boolean {
  const { code } = toFailure(error);
  return onlyTables && format === 'File Geodatabase' && (code === 'EXPORT_FAILED' || code === 'EXPORT_REFUSED');
}

/** How the export is doing. A failed job is an answer; what the portal will not tell costs this item and no other. */
export async function pollExport(parts: Parts, input: PollInput, log: Log): Promise<Polled> {
  try {
    const portal = await parts.portal(input.runId);
    const polled = await portal.exportStatus(input.exporting);
    // Another execution may have fetched it and deleted it.
    if (polled.status === 'failed' && (await isStaged(parts, input))) return { ended: { ok: true, bytes: 0 } };
    return polled;
  } catch (error) {
    return { ended: await failItem(parts, input, await readFound(parts, input.work), error, log) };
  }
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
