import { subOrchestration, wait, type Steps } from '../lib/activity.ts';
import { pollDelay } from '../lib/backup/poll.ts';
import type { ExportTrouble, ItemResult, PollInput, SaveInput } from '../lib/backup/messages.ts';
import type { ExportFormat } from '../lib/backup/formats.ts';
import { deleteExport } from './deleteExport.ts';
import { pollExport } from './pollExport.ts';
import { saveItem } from './saveItem.ts';
import { startExport } from './startExport.ts';

type Context = Parameters<typeof saveItem>[0];

/**
 * Exports a hosted feature layer, saves what came out, and deletes the export whatever happened. What cannot be exported is
 * read row by row.
 */
export const exportItem = subOrchestration('exportItem', function* (context, input: SaveInput): Steps<ItemResult> {
  let format: ExportFormat = 'File Geodatabase';
  for (;;) {
    const begun = yield* startExport(context, { ...input, format });
    if ('ended' in begun) return begun.ended;
    if ('refused' in begun) return yield* saveItem(context, { ...input, instead: begun.refused });
    const { exporting, onlyTables, timeout } = begun;
    format = begun.format;
    let end: Ended;
    try {
      end = yield* waitForExport(context, { ...input, exporting }, timeout);
      if (end === 'completed') {
        return yield* saveItem(context, { ...input, exported: { exportItemId: exporting.exportItemId, format } });
      }
    } finally {
      yield* deleteExport(context, { ...input, exporting });
    }
    if ('ended' in end) return end.ended;
    const isLastFormat = !onlyTables || format === 'CSV';
    if (isLastFormat || end.code === 'EXPORT_TIMEOUT') return yield* saveItem(context, { ...input, instead: end });
    format = 'CSV';
  }
});

type Ended = 'completed' | ExportTrouble | { ended: ItemResult };

function* waitForExport(context: Context, input: PollInput, timeout: number): Steps<Ended> {
  const deadline = context.df.currentUtcDateTime.getTime() + timeout;
  for (let polls = 0; ; polls++) {
    const polled = yield* pollExport(context, input);
    if ('ended' in polled) return polled;
    const { status, message } = polled;
    if (status === 'completed') return status;
    if (status === 'failed') return { code: 'EXPORT_FAILED', message: message ?? 'The portal could not export it.' };
    const left = deadline - context.df.currentUtcDateTime.getTime();
    if (left <= 0)
      return { code: 'EXPORT_TIMEOUT', message: `The export did not end within ${timeout / 60_000} minutes.` };
    yield* wait(context, Math.min(pollDelay(polls), left));
  }
}
