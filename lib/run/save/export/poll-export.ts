import type { ExportStatus } from '../../../arcgis/exports/exports.ts';
import type { WorkRef } from '../../../backup/plan.ts';
import type { Deps } from '../../deps.ts';
import type { Log } from '../../../monitor/log.ts';
import { deleteExport, type ExportingInput } from './delete-export.ts';
import { isStaged, failItem, readFound } from '../found-item.ts';
import type { ItemResult, Unproven } from '../item-result.ts';
import { saveItem } from '../save-item.ts';
import type { TemporaryExport } from './take-export.ts';

/** pollExport's input. */
export interface PollInput extends ExportingInput {
  work: WorkRef;
  salvage: readonly string[];
  /** what is saved once it is ready */
  exported: TemporaryExport;
}

/**
 * pollExport's output: how the export is doing, or what taking it in came to. `completed` is what takes longer than one
 * activity may: it is to be saved on.
 */
export type Polled = (ExportStatus | Unproven | { ended: ItemResult }) & {
  /** it has been deleted from the portal already, as far as the portal did it */
  isDeleted?: true;
};

/**
 * Asks how the export is doing. One that is ready it saves at once; and what has come to an end, well or not, it deletes. What the
 * portal will not tell costs this item and no other. Executed again, it saves nothing that is staged.
 */
export async function pollExport(deps: Deps, input: PollInput, log: Log): Promise<Polled> {
  const polled = await advance(deps, input, log);
  if ('status' in polled && polled.status !== 'failed') return polled;
  await deleteExport(deps, input);
  return { ...polled, isDeleted: true };
}

/** A failed job is an answer. */
async function advance(deps: Deps, input: PollInput, log: Log): Promise<Polled> {
  try {
    const portal = await deps.portal(input.runId);
    const polled = await portal.exportStatus(input.exporting);
    if (polled.status === 'processing') return polled;
    // Another execution may have fetched it and deleted it.
    if (await isStaged(deps, input)) return saved;
    if (polled.status === 'failed') return polled;
  } catch (error) {
    return { ended: await failItem(deps, input, await readFound(deps, input.work), error, log) };
  }
  return take(deps, input, log);
}

async function take(deps: Deps, input: PollInput, log: Log): Promise<Polled> {
  const { runId, started, work, salvage, exported } = input;
  const end = await saveItem(deps, { runId, started, work, salvage, exported }, log);
  if ('goesOn' in end) return { status: 'completed' };
  if (!('unproven' in end)) return { ended: end };
  // Or that execution deleted it while this one took it in.
  return (await isStaged(deps, input)) ? saved : end;
}

const saved = { ended: { ok: true, bytes: 0 } } as const;
