import { orchestration, type Steps } from '../lib/activity.ts';
import type { RestoreInput } from '../lib/restore/run-restore.ts';
import { restoreWhole } from './restoreWhole.ts';

/** One restore. Nothing can try an orchestrator again but the one that called it, so all that takes time is done by another. */
orchestration('restore', function* (context, input: RestoreInput): Steps<{ outcome: string }> {
  return yield* restoreWhole.call(context, input, `${input.runId}-restore`);
});
