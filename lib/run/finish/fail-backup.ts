import { endsRun, isCode, type Failure } from '../../errors.ts';
import type { Log } from '../../monitor/log.ts';
import type { RunEnd } from '../../backup/run.ts';
import { type RunStep } from '../../backup/run.ts';
import { endExports } from './end-exports.ts';
import type { Deps } from '../deps.ts';
import { emptyRecord, isForeign, readRecord, warn, writeRecord } from '../../archive/runs/run-record.ts';
import { announce } from '../announce.ts';

/** failBackup's input. */
export interface FailInput extends RunStep {
  failure: { code: string; message: string; hint: string };
}

/**
 * Records that a run failed or was cancelled, and tells the outside world. The staged items stay for the next run. A run
 * that has a record already ended as that says: the answer.
 * What it has in the portal is deleted. A store that cannot be written must not keep the ping from going out, so the ping
 * goes out before the error goes on.
 */
export async function failBackup(deps: Deps, input: FailInput, log: Log): Promise<RunEnd> {
  const outcome = input.failure.code === 'RUN_CANCELLED' ? 'cancelled' : 'failed';
  const record = emptyRecord(input, outcome, deps.clock.now(), input.failure as Failure);
  let first = true;
  let lost: unknown;
  try {
    // What is no archive of ours is left as it is.
    if (!isForeign(input.failure)) first = await writeRecord(deps.store, record);
  } catch (error) {
    lost = error;
  }
  if (first) await announce(deps, record, log);
  // After the ping: a portal that is down must not keep the alarm. One that is known to be, or knows us no more, is left alone.
  const canAsk = !endsRun(input.failure) || /^(?:STORE|RUN)_/.test(input.failure.code);
  if (first && canAsk)
    for (const sentence of await endExports(deps, input)) await warnIfPossible(deps, input.runId, sentence);
  if (lost !== undefined) throw lost as Error;
  const believed = first ? record : await readRecord(deps.store, input.runId);
  return { runId: input.runId, outcome: believed?.outcome ?? outcome };
}

/** A store that is full takes no warning, and the run has failed already. */
async function warnIfPossible({ store }: Deps, runId: string, sentence: string): Promise<void> {
  try {
    await warn(store, runId, sentence);
  } catch (error) {
    if (!isCode(error, 'STORE_FULL', 'STORE_UNREACHABLE', 'STORE_REFUSED', 'STORE_MISSING')) throw error;
  }
}
