import { subOrchestration, wait, type Steps } from '../lib/activity.ts';
import { pollDelay } from '../lib/backup/poll.ts';
import type {
  ExportStarted,
  ExportTrouble,
  ItemResult,
  PollInput,
  SaveInput,
  Unproven,
} from '../lib/backup/messages.ts';
import type { ExportFormat } from '../lib/backup/formats.ts';
import { deleteExport } from './deleteExport.ts';
import { pollExport } from './pollExport.ts';
import { saveItem } from './saveItem.ts';
import { startExport } from './startExport.ts';

type Context = Parameters<typeof saveItem>[0];

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
    if ('refused' in begun) return yield* saveItem(context, { ...input, instead: begun.refused });
    const { exporting, onlyTables, timeout }: Exported = begun;
    format = begun.format;
    let end: Ended;
    try {
      end = yield* awaitAndSave(context, { ...input, exporting }, { format, again, timeout });
    } finally {
      yield* deleteExport(context, { ...input, exporting });
    }
    if ('ended' in end) return end.ended;
    again = 'unproven' in end && end.unproven === 'moved';
    if (again) continue;
    const isLastFormat = !onlyTables || format === 'CSV';
    if (isLastFormat || end.code === 'EXPORT_TIMEOUT') {
      const { code, message } = end;
      return yield* saveItem(context, { ...input, instead: { code, message } });
    }
    format = 'CSV';
  }
});

type Exported = Extract<ExportStarted, { exporting: unknown }>;

/** An item's end, or why there is none yet. */
type Ended = ExportTrouble | Unproven | { ended: ItemResult };

function* awaitAndSave(
  context: Context,
  input: SaveInput & PollInput,
  { format, again, timeout }: { format: ExportFormat; again: boolean; timeout: number },
): Steps<Ended> {
  const end = yield* waitForExport(context, input, timeout);
  if (end !== 'completed') return end;
  const { exporting, ...save } = input;
  const exported = { exportItemId: exporting.exportItemId, format, again };
  const saved = yield* saveItem(context, { ...save, exported });
  return 'unproven' in saved ? saved : { ended: saved };
}

function* waitForExport(context: Context, input: PollInput, timeout: number): Steps<Ended | 'completed'> {
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
