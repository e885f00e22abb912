import { orchestration, type Steps } from '../lib/activity.ts';
import type { RestoreInput } from '../lib/restore/run-restore.ts';
import { beginRestore } from './beginRestore.ts';
import { restoreWhole } from './restoreWhole.ts';

interface StartedRestore extends RestoreInput {
  /** a plan of many items, which is looked at once more first */
  isPlan?: true;
}

/** One restore. Nothing can try an orchestrator again but the one that called it, so all that takes time is done by another. */
orchestration('restore', function* (context, { isPlan, ...input }: StartedRestore): Steps<{ outcome: string }> {
  if (isPlan === true && !(yield* beginRestore(context, input)).begun) return { outcome: 'not started' };
  return yield* restoreWhole.call(context, input, `${input.runId}-restore`);
});
