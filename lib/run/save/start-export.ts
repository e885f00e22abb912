import { exportFormats, type ExportFormat } from '../../backup/formats.ts';
import { exportTag, exportTitle, isMeant, olderThanExport, type Intent } from '../../backup/export-intent.ts';
import type { Portal } from '../../arcgis/portal.ts';
import { BackupError, isCode, toFailure } from '../../errors.ts';
import type { Log } from '../../monitor/log.ts';
import { runBlobs } from '../../archive/run-blobs.ts';
import { readJson, writeFirst, writeJson } from '../../storage/json-blobs.ts';
import type {
  Exporting,
  ExportingInput,
  ExportInput,
  ExportStarted,
  Found,
  Polled,
  PollInput,
} from '../../backup/messages.ts';
import { closeIntent, deleteExported, readIntent, writeIntent } from '../../archive/intents.ts';
import type { Parts } from '../deps.ts';
import { refuseLate } from '../../archive/run-record.ts';
import { failItem, readFound } from './save-item.ts';
import { salvageItem } from './reuse-staged.ts';
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
  const { exportTimeout } = parts.rules;
  // The archive has its rows: an export that never ends must not hold a lane for an hour every night.
  const timeout = found.retry ? exportTimeout / 3 : exportTimeout;
  const begun = (exporting: Exporting) => ({ exporting, format, onlyTables, timeout });
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

/** An answer that got lost may stand for an export that has begun: before the next try, that one is deleted. */
async function start(parts: Parts, runId: string, found: Found, format: ExportFormat): Promise<Exporting> {
  const portal = await parts.portal(runId);
  for (let tries = 1; ; tries++) {
    const intent = await declare(parts, portal, runId, found);
    try {
      return await startMeant(parts, portal, intent, format);
    } catch (error) {
      if (!isCode(error, 'PORTAL_UNREACHABLE', 'PORTAL_ANSWER') || tries >= 3) throw error;
      await parts.clock.sleep(5000 * tries);
      await deleteLost(parts, portal, intent);
    }
  }
}

async function declare(parts: Parts, portal: Portal, runId: string, { item, newest }: Found): Promise<Intent> {
  const { username } = await portal.identity();
  const head = await parts.repository.head();
  const intent = {
    name: parts.random(),
    runId,
    itemId: item.id,
    owners: username === undefined ? [item.owner] : [item.owner, username],
    after: olderThanExport(newest, parts.clock.now()),
    base: head?.commit ?? null,
  };
  await writeIntent(parts.store, intent);
  return intent;
}

async function startMeant(parts: Parts, portal: Portal, intent: Intent, format: ExportFormat): Promise<Exporting> {
  const { itemId, name, owners } = intent;
  const request = { itemId, owner: owners[0] ?? '', title: exportTitle(name), format, tags: [exportTag] };
  const { item, ...begun } = await portal.startExport(request).catch(async (error: unknown) => {
    if (isCode(error, 'EXPORT_REFUSED', 'EXPORT_FAILED')) await closeIntent(parts.store, intent);
    throw error;
  });
  const known = { ...intent, exportItemId: begun.exportItemId };
  if (item !== undefined && !isMeant(known, item)) {
    throw new BackupError('EXPORT_FAILED', `The portal gave item ${item.id} for the export, which is another one.`);
  }
  await writeIntent(parts.store, known);
  return { ...begun, intent: name, proved: item !== undefined };
}

async function deleteLost(parts: Parts, portal: Portal, intent: Intent): Promise<void> {
  for (const owner of intent.owners) {
    for (const item of await portal.newest(owner)) {
      if (isMeant(intent, item)) await deleteExported(parts, portal, intent, item);
    }
  }
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
  const { exportItemId: id, intent: name } = exporting;
  try {
    const intent = await readIntent(parts.store, name);
    if (intent === undefined) return null;
    const portal = await parts.portal(runId);
    await deleteExported(parts, portal, intent, await proven(portal, intent, exporting));
  } catch (error) {
    const { code, message } = toFailure(error);
    await writeJson(parts.store, runBlobs(runId).warned(id), `${code}: ${message}`);
  }
  return null;
}

/**
 * What is to be deleted: what the portal has shown to be the export, by now at the latest; undefined when it shows nothing
 * under the id that it once gave. Throws EXPORT_LEFT.
 */
async function proven(portal: Portal, intent: Intent, { exportItemId: id, owner, proved }: Exporting) {
  if (proved) return { id, owner };
  const item = await portal.item(id);
  if (item === undefined || isMeant(intent, item)) return item;
  throw new BackupError('EXPORT_LEFT', `The temporary export ${id} is another item now: it was left alone.`);
}
