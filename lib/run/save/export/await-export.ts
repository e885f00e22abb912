import { numberOf } from '../../../backup/report.ts';
import type { OrchestrationContext } from 'durable-functions';
import { wait, type Steps } from '../../../activity.ts';
import type { Polled } from './poll-export.ts';
import type { ExportTrouble } from '../item-result.ts';
import { pollDelay } from '../../../backup/poll.ts';

/** What waiting for an export came to. */
export type Awaited = Polled | ExportTrouble;

/**
 * Waits on durable timers until an export has ended, or for so long.
 * @param first what the first question came to; undefined where starting it asked none, as before this version
 * @param poll asks how it is doing
 * @param timeout ms
 */
export function* awaitExport(
  context: OrchestrationContext,
  first: Polled | undefined,
  poll: () => Steps<Polled>,
  timeout: number,
): Steps<Awaited> {
  const deadline = context.df.currentUtcDateTime.getTime() + timeout;
  let polled = first ?? (yield* poll());
  for (let polls = 0; 'status' in polled && polled.status === 'processing'; polls++) {
    const left = deadline - context.df.currentUtcDateTime.getTime();
    if (left <= 0)
      return {
        code: 'EXPORT_TIMEOUT',
        message: `The export did not end within ${numberOf(timeout / 60_000, 'minute')}.`,
      };
    yield* wait(context, Math.min(pollDelay(polls), left));
    polled = yield* poll();
  }
  return polled;
}
