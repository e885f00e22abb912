import { numberOf } from '../../../backup/report.ts';
import type { OrchestrationContext } from 'durable-functions';
import { wait, type Steps } from '../../../activity.ts';
import type { Polled } from './poll-export.ts';
import type { ExportTrouble, ItemResult } from '../item-result.ts';
import { pollDelay } from '../../../backup/poll.ts';

/**
 * Waits on durable timers until an export has ended, or for so long.
 * @param poll asks how it is doing
 * @param timeout ms
 */
export function* awaitExport(
  context: OrchestrationContext,
  poll: () => Steps<Polled>,
  timeout: number,
): Steps<'completed' | ExportTrouble | { ended: ItemResult }> {
  const deadline = context.df.currentUtcDateTime.getTime() + timeout;
  for (let polls = 0; ; polls++) {
    const polled = yield* poll();
    if ('ended' in polled) return polled;
    const { status, message } = polled;
    if (status === 'completed') return status;
    if (status === 'failed') return { code: 'EXPORT_FAILED', message: message ?? 'The portal could not export it.' };
    const left = deadline - context.df.currentUtcDateTime.getTime();
    if (left <= 0)
      return {
        code: 'EXPORT_TIMEOUT',
        message: `The export did not end within ${numberOf(timeout / 60_000, 'minute')}.`,
      };
    yield* wait(context, Math.min(pollDelay(polls), left));
  }
}
