import type { Retry } from './instance.ts';
import { eventType, type HistoryEvent } from './protocol.ts';

/** What follows an attempt or a pause: another attempt, a pause of so many ms, or nothing. */
export type Next = { attempt: number } | { pause: number } | undefined;

/**
 * The retries of DTFx (RetryInterceptor), as durable-functions replays them: a pause after every failed attempt, also after
 * the last one; only then the orchestrator hears of it. When the retry timeout is over there is no pause, and the
 * orchestrator waits for ever (azure-functions-durable-js issue 629).
 */
export function afterAttempt({ action, attempt, first, pause }: Retry, event: HistoryEvent, now: number): Next {
  const options = action.retryOptions;
  if (options === undefined) return undefined;
  if (pause) return attempt < options.maxNumberOfAttempts ? { attempt: attempt + 1 } : undefined;
  if (event.EventType !== eventType.taskFailed && event.EventType !== eventType.subFailed) return undefined;
  const {
    firstRetryIntervalInMilliseconds: interval,
    backoffCoefficient = 1,
    maxRetryIntervalInMilliseconds = Infinity,
    retryTimeoutInMilliseconds = Infinity,
  } = options;
  if (now >= first + retryTimeoutInMilliseconds) return undefined;
  return { pause: Math.min(interval * backoffCoefficient ** (attempt - 1), maxRetryIntervalInMilliseconds) };
}
