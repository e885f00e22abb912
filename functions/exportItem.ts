import type { OrchestrationContext } from 'durable-functions';
import { subOrchestration, type Steps } from '../lib/activity.ts';
import type { ExportInput, ExportStarted } from '../lib/run/save/export/start-export.ts';
import type { Polled } from '../lib/run/save/export/poll-export.ts';
import type { SaveInput } from '../lib/run/save/save-item.ts';
import type { ExportTrouble, ItemResult, Unproven } from '../lib/run/save/item-result.ts';
import type { ExportFormat } from '../lib/backup/formats.ts';
import { awaitExport, type Awaited } from '../lib/run/save/export/await-export.ts';
import { deleteExport } from './deleteExport.ts';
import { saveWhole } from './longItem.ts';
import { pollExport } from './pollExport.ts';
import { startExport } from './startExport.ts';

/**
 * Exports a hosted feature layer, saves what came out, and deletes the export whatever happened. What was edited meanwhile is
 * exported once more; what cannot be exported, or lacks rows, is read row by row.
 */
export const exportItem = subOrchestration('exportItem', function* (context, input: SaveInput): Steps<ItemResult> {
  let format: ExportFormat = 'File Geodatabase';
  let again = false;
  for (;;) {
    const asked: ExportInput = { ...input, format, again };
    const begun: ExportStarted = yield* startExport(context, asked);
    if ('ended' in begun) return begun.ended;
    if ('refused' in begun) return yield* saveWhole(context, { ...input, instead: begun.refused });
    format = begun.format;
    const end: Ended = yield* takeExport(context, { ...asked, format }, begun);
    if ('ended' in end) return end.ended;
    again = 'unproven' in end && end.unproven === 'moved';
    if (again) continue;
    const isLastFormat = !begun.onlyTables || format === 'CSV';
    if (isLastFormat || end.code === 'EXPORT_TIMEOUT') {
      const { code, message } = end;
      return yield* saveWhole(context, { ...input, instead: { code, message } });
    }
    format = 'CSV';
  }
});

type Exporting = Extract<ExportStarted, { exporting: unknown }>;

/** An item's end, or why there is none yet. */
type Ended = ExportTrouble | Unproven | { ended: ItemResult };

/** Waits for an export; what was ready is saved and deleted by then. What takes longer than an activity is saved on here. */
function* takeExport(
  context: OrchestrationContext,
  { format, again, ...input }: ExportInput,
  { exporting, timeout, polled }: Exporting,
): Steps<Ended> {
  const exported = { exportItemId: exporting.exportItemId, format, again };
  const poll = (): Steps<Polled> => pollExport(context, { ...input, exporting, exported });
  let isDeleted = false;
  try {
    const awaited: Awaited = yield* awaitExport(context, polled, poll, timeout);
    isDeleted = 'isDeleted' in awaited;
    if (!('status' in awaited)) return awaited;
    const { status, message = 'The portal could not export it.' } = awaited;
    if (status === 'failed') return { code: 'EXPORT_FAILED', message };
    const saved = yield* saveWhole(context, { ...input, exported, goesOn: true });
    return 'unproven' in saved ? saved : { ended: saved };
  } finally {
    if (!isDeleted) yield* deleteExport(context, { ...input, exporting });
  }
}
