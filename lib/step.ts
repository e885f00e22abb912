import type { InvocationContext } from '@azure/functions';
import { activity, type Activity } from './activity.ts';
import { app } from './app.ts';
import { logLine, type Log } from './monitor/log.ts';
import type { RunStep } from './backup/run.ts';
import type { RestoreDeps } from './restore/deps.ts';
import type { Deps } from './run/deps.ts';

/** A step of a run: what it is done with, its input, and where it tells what it did. It may run twice, also at the same time. */
export type Step<I extends object, O> = (deps: Deps, input: I, log: Log) => Promise<O>;

/**
 * Registers a step as an activity, done with what this worker's settings say.
 * @param goesFirst does it begin before all others that wait for a lane?
 */
export function step<I extends object, O>(name: string, act: Step<I, O>, { goesFirst = false } = {}): Activity<I, O> {
  return activity(name, async (input: I, context) => {
    const { deps, heard } = app();
    if ('runId' in input && typeof input.runId === 'string') await heard(input.runId);
    return deps.lanes.run(() => act(deps, input, logTo(context)), goesFirst);
  });
}

function logTo(context: InvocationContext): Log {
  return (event) => {
    context.log(logLine(event));
  };
}

/** A step of a restore. It may run twice, also at the same time. */
export type RestoreStep<I extends RunStep, O> = (deps: RestoreDeps, input: I) => Promise<O>;

/** Registers a step of a restore as an activity; `runId` is the restore's. */
export function restoreStep<I extends RunStep, O>(name: string, act: RestoreStep<I, O>): Activity<I, O> {
  return activity(name, async (input: I, context) => {
    const { deps, heard, restoreDeps } = app();
    await heard(input.runId);
    return deps.lanes.run(() => act(restoreDeps(input.runId, logTo(context)), input));
  });
}
