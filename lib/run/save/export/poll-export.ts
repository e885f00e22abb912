import type { ExportStatus } from '../../../arcgis/exports/exports.ts';
import type { WorkRef } from '../../../backup/plan.ts';
import type { Deps } from '../../deps.ts';
import type { Log } from '../../../monitor/log.ts';
import type { ExportingInput } from './delete-export.ts';
import { isStaged, failItem, readFound } from '../found-item.ts';
import type { ItemResult } from '../item-result.ts';

/** pollExport's input. */
export interface PollInput extends ExportingInput {
  work: WorkRef;
}

/** pollExport's output: how the export is doing, or the item's end, because the portal would not say. */
export type Polled = ExportStatus | { ended: ItemResult };

/** How the export is doing. A failed job is an answer; what the portal will not tell costs this item and no other. */
export async function pollExport(deps: Deps, input: PollInput, log: Log): Promise<Polled> {
  try {
    const portal = await deps.portal(input.runId);
    const polled = await portal.exportStatus(input.exporting);
    // Another execution may have fetched it and deleted it.
    if (polled.status === 'failed' && (await isStaged(deps, input))) return { ended: { ok: true, bytes: 0 } };
    return polled;
  } catch (error) {
    return { ended: await failItem(deps, input, await readFound(deps, input.work), error, log) };
  }
}
