import { numberOf } from '../../../backup/words.ts';
import type { OrchestrationContext } from 'durable-functions';
import { wait, type Steps } from '../../../activity.ts';
import type { Polled } from './poll-export.ts';
import type { ExportTrouble, ItemResult, Unproven } from '../item-result.ts';
import { pollDelay } from '../../../backup/poll.ts';

/** An item's end, or why there is none yet. */
export type Ended = ExportTrouble | Unproven | { ended: ItemResult };

/** What waiting for an export came to: it is ready and still to be saved, or what it ended as. */
export interface Awaited {
  end: 'completed' | Ended;
  /** it has been deleted from the portal already */
  isDeleted: boolean;
}

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
        end: {
          code: 'EXPORT_TIMEOUT',
          message: `The export did not end within ${numberOf(timeout / 60_000, 'minute')}.`,
        },
        isDeleted: false,
      };
    yield* wait(context, Math.min(pollDelay(polls), left));
    polled = yield* poll();
  }
  return { end: endOf(polled), isDeleted: polled.isDeleted === true };
}

function endOf(polled: Polled): Awaited['end'] {
  if (!('status' in polled)) return polled;
  const { status, message = 'The portal could not export it.' } = polled;
  return status === 'failed' ? { code: 'EXPORT_FAILED', message } : 'completed';
}
