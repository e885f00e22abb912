import type { InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import type { OrchestrationContext, Task } from 'durable-functions';
import { BackupError, isCode, isWorthAnother, toFailure, toMessage, type Failure } from './errors.ts';

/**
 * Typed activities and orchestrators: name, input, output and retry in one definition. Only the constructs that
 * replay well are offered (azure-functions.md, section 3): inputs are objects, `Task.all` is never empty, no Task.any.
 */

/** How an orchestrator's steps are written: `const answer = yield* step(context, input)`. */
export type Steps<O> = Generator<Task, O, unknown>;

/** A call of an activity inside an orchestrator. Throws a BackupError when the activity gave up. */
export type Activity<I extends object, O> = (context: OrchestrationContext, input: I) => Steps<O>;

/** An orchestrator that others call. */
export interface SubOrchestration<I extends object, O> {
  /** Runs it; `id` must be the same at each replay. Throws a BackupError when it gave up. */
  call(context: OrchestrationContext, input: I, id?: string): Steps<O>;
  /** Runs one for each input at the same time; their outputs in the same order, once all have ended. */
  all(context: OrchestrationContext, inputs: readonly I[], id: (n: number) => string): Steps<O[]>;
}

// An error that no other try can cure comes back as an answer: thrown, Durable would try it three times all the same.
type Answer<O> = { value: O } | { failure: Failure };

/**
 * Registers an activity. Durable executes it three times where an error is retryable and nobody below has tried again, as
 * for a body on its way into the store, which can only be begun anew; the interval stays small because Durable waits once more after the last attempt (azure-functions.md, rule 6).
 * @param handler may run twice with the same input, also at the same time
 */
export function activity<I extends object, O>(
  name: string,
  handler: (input: I, context: InvocationContext) => Promise<O>,
): Activity<I, O> {
  df.app.activity(name, {
    handler: async (input: unknown, context: InvocationContext): Promise<Answer<O>> => {
      try {
        return { value: await handler(input as I, context) };
      } catch (error) {
        if (error instanceof BackupError && !isWorthAnother(error)) return { failure: toFailure(error) };
        // A new error without cause and stack of the old: both would stand in the history for ever.
        throw new Error(toMessage(error));
      }
    },
  });
  return function* (context, input) {
    return valueIn((yield context.df.callActivityWithRetry(name, retry(), input)) as Answer<O>);
  };
}

/** Registers an orchestrator that is started from outside. It fails with what its body throws, as `[CODE] message`. */
export function orchestration<I extends object, O>(
  name: string,
  body: (context: OrchestrationContext, input: I) => Steps<O>,
): void {
  df.app.orchestration(name, function* (context): Steps<O> {
    try {
      return yield* body(context, context.df.getInput<I>());
    } catch (error) {
      throw new Error(toMessage(error));
    }
  });
}

/**
 * Registers an orchestrator that others call. What its body throws is its answer. So what fails it is never ours: Durable
 * fails an orchestrator for good when its worker went away between dispatch and answer ("Non-Deterministic workflow
 * detected"), and only that is tried again, from the beginning and under the same id. Its steps must bear that.
 */
export function subOrchestration<I extends object, O>(
  name: string,
  body: (context: OrchestrationContext, input: I) => Steps<O>,
): SubOrchestration<I, O> {
  df.app.orchestration(name, function* (context): Steps<Answer<O>> {
    try {
      return { value: yield* body(context, context.df.getInput<I>()) };
    } catch (error) {
      return { failure: toFailure(error) };
    }
  });
  return {
    *call(context, input, id) {
      return valueIn((yield context.df.callSubOrchestratorWithRetry(name, again(), input, id)) as Answer<O>);
    },
    *all(context, inputs, id) {
      if (inputs.length === 0) return [];
      const tasks = inputs.map((input, n) => context.df.callSubOrchestratorWithRetry(name, again(), input, id(n)));
      return ((yield context.df.Task.all(tasks)) as Answer<O>[]).map(valueIn);
    },
  };
}

/** Waits on a durable timer. Never below two seconds: Azure fires short ones early. */
export function* wait(context: OrchestrationContext, ms: number): Steps<void> {
  yield context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + Math.max(ms, 2000)));
}

/** The failure in whatever an orchestrator caught. */
export { isCode, toFailure };

function valueIn<O>(answer: Answer<O>): O {
  if ('failure' in answer) throw new BackupError(answer.failure.code, answer.failure.message, answer.failure);
  return answer.value;
}

function retry(): df.RetryOptions {
  const options = new df.RetryOptions(2000, 3);
  options.backoffCoefficient = 2;
  options.maxRetryIntervalInMilliseconds = 4000;
  return options;
}

/** For a minute: as long as a host needs to start another worker. */
function again(): df.RetryOptions {
  const options = new df.RetryOptions(2000, 5);
  options.backoffCoefficient = 2;
  options.maxRetryIntervalInMilliseconds = 32_000;
  return options;
}
