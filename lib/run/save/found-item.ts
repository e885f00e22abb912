import { readNotes } from '../../archive/older-notes.ts';
import { runBlobs } from '../../archive/runs/run-blobs.ts';
import { recordFailure } from '../../archive/runs/run-record.ts';
import type { Found } from '../../backup/found.ts';
import type { WorkRef } from '../../backup/plan.ts';
import { oneLine } from '../../backup/words.ts';
import { BackupError, endsRun, toFailure } from '../../errors.ts';
import type { Log } from '../../monitor/log.ts';
import type { Deps } from '../deps.ts';
import type { ItemResult } from './item-result.ts';

/** The line of a found item. Throws STORE_DAMAGED when the store lost it. */
export async function readFound(deps: Deps, { blob, start, length }: WorkRef): Promise<Found> {
  const line = await deps.store.get(blob, { start, length });
  if (line === undefined) throw new BackupError('STORE_DAMAGED', `${blob} is missing in ${deps.store.address}.`);
  const found = JSON.parse(line.bytes.toString()) as Found;
  // The version that made the list may have been an older one.
  return { ...found, ...(found.saved && { saved: { ...found.saved, notes: readNotes(found.saved.notes) } }) };
}

/**
 * Writes down why an item was not saved; it keeps the version it had. What ends the run is the answer as well, and no item's
 * failure. Of the store and of a run that has ended it goes on as an exception.
 */
export async function failItem(
  deps: Deps,
  { runId, work }: { runId: string; work: WorkRef },
  found: Found,
  error: unknown,
  log: Log,
): Promise<ItemResult> {
  const failure = toFailure(error);
  if (/^(?:STORE|RUN)_/.test(failure.code)) throw error as Error;
  if (endsRun(failure)) return { ok: false, ...failure };
  const { owner, title } = found.item;
  await recordFailure(deps.store, runId, { itemId: work.itemId, title: oneLine(title ?? ''), owner, ...failure });
  log({ event: 'item.failed', runId, user: owner, itemId: work.itemId, code: failure.code });
  return { ok: false, ...failure, message: failure.message.slice(0, 500) };
}

/** Has this run saved it already? */
export async function isStaged({ store }: Deps, { runId, work }: { runId: string; work: WorkRef }): Promise<boolean> {
  return (await store.stat(runBlobs(runId).staged(work.itemId))) !== undefined;
}
