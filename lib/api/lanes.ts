import { idsOf } from './instance-ids.ts';
import type { Instance, Instances } from './instances.ts';
import type { RunsDeps } from './runs.ts';

/** The orchestration of the run's steps, which says how far it is; before its first turn that of the run. */
export async function stepsOf(instances: Instances, current: Instance): Promise<Instance> {
  return (await instances.status(idsOf(current.input?.runId ?? '').steps)) ?? current;
}

/** The lanes of a phase; those of the items still show what they came to when the run is at its end. */
export async function lanesOf(
  { lanes }: Pick<RunsDeps, 'lanes'>,
  instances: Instances,
  runId: string,
  phase: string,
): Promise<Instance[]> {
  if (phase === 'begin') return [];
  const what = phase === 'members' ? 'members' : 'items';
  const idOf = idsOf(runId)[what];
  const found = await Promise.all(Array.from({ length: lanes[what] }, (_, lane) => instances.status(idOf(lane))));
  return found.filter((lane) => lane !== undefined);
}
