import { orchestration, toFailure, type Steps } from '../lib/activity.ts';
import { idsOf } from '../lib/api/instance-ids.ts';
import type { RunEnd, RunInput } from '../lib/backup/run.ts';
import { failBackup } from './failBackup.ts';
import { runBackup } from './runBackup.ts';

/**
 * One backup, from the first ping to the last. See the flow in the README. Nothing can try an orchestrator again but the
 * one that called it, so all that takes time is done by another.
 */
orchestration('backup', function* (context, input: RunInput): Steps<RunEnd> {
  const { runId, started } = input;
  try {
    return yield* runBackup.call(context, input, idsOf(runId).steps);
  } catch (error) {
    const end = yield* failBackup(context, { runId, started, failure: toFailure(error) });
    // Of two executions of the last step one may have failed because the other had finished, and cleaned up.
    if (end.outcome === 'complete' || end.outcome === 'partial') return end;
    throw error;
  }
});
