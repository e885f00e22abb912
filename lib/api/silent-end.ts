import type { RunRecord } from '../backup/run.ts';
import { BackupError, toFailure } from '../errors.ts';
import type { Instance } from './instances.ts';
import type { RunsDeps } from './runs.ts';

/**
 * A run that has ended and may have no record: Durable failed it, or somebody ended it in the portal of Azure. What it said
 * itself it has pinged as well; otherwise this is the moment when it is noticed. The record that counts.
 */
export async function reportSilentEnd(deps: RunsDeps, { input, error }: Instance): Promise<RunRecord | undefined> {
  if (input === undefined) return undefined;
  const { runId, started } = input;
  // It may have ended since its record was looked for.
  const record = await deps.readRecord(runId);
  if (record !== undefined) return record;
  const said = toFailure(new Error(error));
  if (said.code !== 'INTERNAL') return deps.lostRecord(runId, said);
  const silent = new BackupError('RUN_DEAD', 'The run was ended from outside, without a word.');
  await deps.recordEnd(runId, started, silent);
  return (await deps.readRecord(runId)) ?? deps.lostRecord(runId, silent.toJSON());
}
