import { BackupError } from '../errors.ts';
import { idsOf } from './instance-ids.ts';
import type { Instances } from './instances.ts';
import { mostLooks, singleton, type RunsDeps } from './runs.ts';

/**
 * Ends a run that is under way, here or on another host; how it has ended then, which is as it would have if it was at its end.
 * Undefined when this run is not under way.
 */
export async function cancelRun(deps: RunsDeps, instances: Instances, runId: string): Promise<string | undefined> {
  const error = new BackupError('RUN_CANCELLED', 'The run was cancelled by an operator.');
  const current = await instances.status(singleton);
  if (current?.running !== true || current.input?.runId !== runId) {
    const other = await deps.elsewhere();
    // Where it runs, it finds its record before it publishes.
    return other?.runId === runId ? deps.recordEnd(runId, other.started, error) : undefined;
  }
  return endRun(deps, instances, runId, current.input.started, error);
}

/** Is this very run under way? By now another may have taken its place, under the same instance id. */
async function isUnderWay(instances: Instances, runId: string): Promise<boolean> {
  const current = await instances.status(singleton);
  return current?.running === true && current.input?.runId === runId;
}

// Azure only queues a termination, and refuses a start until it is done.
export async function hasEnded({ clock }: RunsDeps, instances: Instances, runId: string): Promise<void> {
  for (let look = 0; look < mostLooks && (await isUnderWay(instances, runId)); look++) await clock.sleep(1000);
}

// Azure does not end sub-orchestrations with their parent. Steps and lanes are ended here; an export under way is left to
// delete its temporary item. The record comes first: with it there, nothing of this run can publish any more. And a run that
// has published already is left to its end.
export async function endRun(
  deps: RunsDeps,
  instances: Instances,
  runId: string,
  started: number,
  error: BackupError,
): Promise<string> {
  const outcome = await deps.recordEnd(runId, started, error);
  if (error.code === 'RUN_CANCELLED' && outcome !== 'cancelled') return outcome;
  if (await isUnderWay(instances, runId)) await instances.terminate(singleton, error.code);
  const ids = idsOf(runId);
  await instances.terminate(ids.steps, error.code);
  for (const what of ['members', 'items'] as const)
    for (let lane = 0; lane < deps.lanes[what]; lane++) await instances.terminate(ids[what](lane), error.code);
  return outcome;
}
