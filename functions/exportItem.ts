import type { OrchestrationContext } from 'durable-functions';
import { subOrchestration, type Steps } from '../lib/activity.ts';
import type { ExportInput, ExportStarted, UnderWay } from '../lib/run/save/export/start-export.ts';
import type { Polled } from '../lib/run/save/export/poll-export.ts';
import type { SaveInput } from '../lib/run/save/save-item.ts';
import type { ItemResult } from '../lib/run/save/item-result.ts';
import type { ExportFormat } from '../lib/backup/formats.ts';
import { awaitExport, type Awaited, type Ended } from '../lib/run/save/export/await-export.ts';
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

/** Waits for an export; what was ready is saved and deleted by then. What takes longer than an activity is saved on here. */
function* takeExport(
  context: OrchestrationContext,
  { format, again, ...input }: ExportInput,
  { exporting, timeout, polled }: UnderWay,
): Steps<Ended> {
  const exported = { exportItemId: exporting.exportItemId, format, again };
  const poll = (): Steps<Polled> => pollExport(context, { ...input, exporting, exported });
  let isDeleted = false;
  try {
    const awaited: Awaited = yield* awaitExport(context, polled, poll, timeout);
    isDeleted = awaited.isDeleted;
    if (awaited.end !== 'completed') return awaited.end;
    const saved = yield* saveWhole(context, { ...input, exported, goesOn: true });
    return 'unproven' in saved ? saved : { ended: saved };
  } finally {
    if (!isDeleted) yield* deleteExport(context, { ...input, exporting });
  }
}
