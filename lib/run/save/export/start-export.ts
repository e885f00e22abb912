import { exportFormats, type ExportFormat } from '../../../backup/formats.ts';
import { exportTag, exportTitle, isMeant, olderThanExport, type Intent } from '../../../backup/export-intent.ts';
import type { Portal } from '../../../arcgis/portal.ts';
import { BackupError, isCode, toFailure } from '../../../errors.ts';
import type { Log } from '../../../monitor/log.ts';
import { runBlobs } from '../../../archive/runs/run-blobs.ts';
import { readJson, writeFirst } from '../../../storage/json-blobs.ts';
import { deleteExport } from './delete-export.ts';
import { pollExport, type Polled } from './poll-export.ts';
import type { Exporting } from '../../../arcgis/exports/exports.ts';
import type { Found } from '../../../backup/found.ts';
import { closeIntent, writeIntent } from '../../../archive/intents.ts';
import { deleteExported } from '../../delete-exported.ts';
import type { Deps } from '../../deps.ts';
import { refuseLate } from '../../../archive/runs/run-record.ts';
import { failItem, isStaged, readFound } from '../found-item.ts';
import { reuseStaged } from '../reuse-staged.ts';
import { countBefore } from './take-export.ts';
import type { WorkRef } from '../../../backup/plan.ts';
import type { RunStep } from '../../../backup/run.ts';
import type { ExportTrouble, ItemResult } from '../item-result.ts';

/** startExport's input. */
export interface ExportInput extends RunStep {
  work: WorkRef;
  salvage: readonly string[];
  format: ExportFormat;
  /** the second time, because the service was edited during the first */
  again: boolean;
}

/**
 * startExport's output: an export, and what the first question for it came to; why there is none; or the item's end, because a
 * dead run had it already.
 */
export type ExportStarted = UnderWay | { refused: ExportTrouble } | { ended: ItemResult };

/** An export that was started. */
export interface UnderWay {
  exporting: Exporting;
  format: ExportFormat;
  onlyTables: boolean;
  /** ms to wait for it */
  timeout: number;
  /** what the first question for it came to */
  polled: Polled;
}

/**
 * Starts the export of a hosted feature layer, unless a dead run staged this very version already, and asks for it at once: a small
 * one may be ready. Executed again, also at the same time, it goes on with the export that was started first. Throws RUN_DEAD and
 * RUN_CANCELLED when the run has ended.
 */
export async function startExport(deps: Deps, input: ExportInput, log: Log): Promise<ExportStarted> {
  const begun = await beginExport(deps, input, log);
  if (!('exporting' in begun)) return begun;
  const { runId, started, work, salvage, again } = input;
  const { exporting, format } = begun;
  const exported = { exportItemId: exporting.exportItemId, format, again };
  return { ...begun, polled: await pollExport(deps, { runId, started, work, salvage, exporting, exported }, log) };
}

type Begun = Exclude<ExportStarted, { exporting: unknown }> | Omit<UnderWay, 'polled'>;

async function beginExport(deps: Deps, input: ExportInput, log: Log): Promise<Begun> {
  const { runId, work, format, again } = input;
  await refuseLate(deps.store, runId);
  const found = await readFound(deps, work);
  const { item, onlyTables } = found;
  const { exportTimeout } = deps.rules;
  // The archive has its rows: an export that never ends must not hold a lane for an hour every night.
  const timeout = found.retry ? exportTimeout / 3 : exportTimeout;
  const begun = (exporting: Exporting) => ({ exporting, format, onlyTables, timeout });
  if (await isStaged(deps, input)) return endStaged(deps, input);
  const earlier = await readJson<Exporting>(deps.store, runBlobs(runId).exporting(item.id, format, again));
  if (earlier !== undefined) return begun(earlier);
  let own: Exporting;
  try {
    if (await reuseStaged(deps, input, found, runBlobs(runId).staged(item.id)))
      return { ended: { ok: true, bytes: 0 } };
    await countBefore(deps, input, item);
    own = await start(deps, runId, found, format);
  } catch (error) {
    if (mayBeCsv(format, onlyTables, error)) return beginExport(deps, { ...input, format: 'CSV' }, log);
    const { code, message } = toFailure(error);
    if (code === 'EXPORT_REFUSED' || code === 'EXPORT_FAILED') return { refused: { code, message } };
    return { ended: await failItem(deps, input, found, error, log) };
  }
  deps.atWork?.(item);
  log({ event: 'export.waiting', runId, user: item.owner, itemId: item.id });
  return begun(await keepFirst(deps, input, own));
}

/** An earlier execution saved it; whether it came to delete its export nobody knows. */
async function endStaged(deps: Deps, { runId, started, work }: ExportInput): Promise<Begun> {
  const tries = exportFormats.flatMap((format) => [false, true].map((again) => ({ format, again })));
  for (const { format, again } of tries) {
    const exporting = await readJson<Exporting>(deps.store, runBlobs(runId).exporting(work.itemId, format, again));
    if (exporting !== undefined) await deleteExport(deps, { runId, started, exporting });
  }
  return { ended: { ok: true, bytes: 0 } };
}

/** An answer that got lost may stand for an export that has begun: before the next try, that one is deleted. */
async function start(deps: Deps, runId: string, found: Found, format: ExportFormat): Promise<Exporting> {
  const portal = await deps.portal(runId);
  for (let tries = 1; ; tries++) {
    const intent = await declare(deps, portal, runId, found);
    try {
      return await startMeant(deps, portal, intent, format);
    } catch (error) {
      if (!isCode(error, 'PORTAL_UNREACHABLE', 'PORTAL_ANSWER') || tries >= 3) throw error;
      await deps.clock.sleep(5000 * tries);
      await deleteLost(deps, portal, intent);
    }
  }
}

async function declare(deps: Deps, portal: Portal, runId: string, { item, newest }: Found): Promise<Intent> {
  const { username } = await portal.identity();
  const head = await deps.repository.head();
  const intent = {
    name: deps.random(),
    runId,
    itemId: item.id,
    owners: username === undefined ? [item.owner] : [item.owner, username],
    after: olderThanExport(newest, deps.clock.now()),
    base: head?.commit ?? null,
  };
  await writeIntent(deps.store, intent);
  return intent;
}

async function startMeant(deps: Deps, portal: Portal, intent: Intent, format: ExportFormat): Promise<Exporting> {
  const { itemId, name, owners } = intent;
  const request = { itemId, owner: owners[0] ?? '', title: exportTitle(name), format, tags: [exportTag] };
  const { item, ...begun } = await portal.startExport(request).catch(async (error: unknown) => {
    if (isCode(error, 'EXPORT_REFUSED', 'EXPORT_FAILED')) await closeIntent(deps.store, intent);
    throw error;
  });
  const known = { ...intent, exportItemId: begun.exportItemId };
  if (item !== undefined && !isMeant(known, item)) {
    throw new BackupError('EXPORT_FAILED', `The portal gave item ${item.id} for the export, which is another one.`);
  }
  await writeIntent(deps.store, known);
  return { ...begun, intent: name, proved: item !== undefined };
}

async function deleteLost(deps: Deps, portal: Portal, intent: Intent): Promise<void> {
  for (const owner of intent.owners) {
    for (const item of await portal.newest(owner)) {
      if (isMeant(intent, item)) await deleteExported(deps, portal, intent, item);
    }
  }
}

/** The first export that is written down is waited for; the execution that made another one deletes it. */
async function keepFirst(deps: Deps, { runId, started, work, format, again }: ExportInput, own: Exporting) {
  const first = await writeFirst(deps.store, runBlobs(runId).exporting(work.itemId, format, again), own);
  const discard = () => deleteExport(deps, { runId, started, exporting: own });
  if (first.exportItemId !== own.exportItemId) await discard();
  try {
    // Only now: while the portal took its time the run may have ended, and nobody waits any more.
    await refuseLate(deps.store, runId);
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
