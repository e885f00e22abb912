import { subOrchestration, type Steps } from '../lib/activity.ts';
import type { ExportStarted } from '../lib/run/save/export/start-export.ts';
import type { Polled } from '../lib/run/save/export/poll-export.ts';
import type { SaveInput } from '../lib/run/save/save-item.ts';
import type { ExportTrouble, ItemResult, Unproven } from '../lib/run/save/item-result.ts';
import type { ExportFormat } from '../lib/backup/formats.ts';
import { awaitExport } from '../lib/run/save/export/await-export.ts';
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
    const begun: ExportStarted = yield* startExport(context, { ...input, format, again });
    if ('ended' in begun) return begun.ended;
    if ('refused' in begun) return yield* saveWhole(context, { ...input, instead: begun.refused });
    const { exporting, onlyTables, timeout }: Exported = begun;
    format = begun.format;
    let end: Ended;
    try {
      const poll = (): Steps<Polled> => pollExport(context, { ...input, exporting });
      const ready: Ended | 'completed' = yield* awaitExport(context, poll, timeout);
      const exported: NonNullable<SaveInput['exported']> = { exportItemId: exporting.exportItemId, format, again };
      end = ready === 'completed' ? endOf(yield* saveWhole(context, { ...input, exported })) : ready;
    } finally {
      yield* deleteExport(context, { ...input, exporting });
    }
    if ('ended' in end) return end.ended;
    again = 'unproven' in end && end.unproven === 'moved';
    if (again) continue;
    const isLastFormat = !onlyTables || format === 'CSV';
    if (isLastFormat || end.code === 'EXPORT_TIMEOUT') {
      const { code, message } = end;
      return yield* saveWhole(context, { ...input, instead: { code, message } });
    }
    format = 'CSV';
  }
});

type Exported = Extract<ExportStarted, { exporting: unknown }>;

/** An item's end, or why there is none yet. */
type Ended = ExportTrouble | Unproven | { ended: ItemResult };

const endOf = (saved: ItemResult | Unproven): Ended => ('unproven' in saved ? saved : { ended: saved });
