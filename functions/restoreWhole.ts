import { subOrchestration, toFailure, type Steps } from '../lib/activity.ts';
import type { RestoreInput } from '../lib/restore/run-restore.ts';
import { failRestore } from './failRestore.ts';
import { restoreItems } from './restoreItems.ts';

/** Parts of one execution: every one of them replays those before it. */
const mostParts = 100;

/** One restore, in as many parts as it takes, as its journal says: what was planned, or what is left of it. */
export const restoreWhole = subOrchestration('restoreWhole', function* (context, input: RestoreInput): Steps<{
  outcome: string;
}> {
  const { runId, started } = input;
  let from = input.from;
  try {
    for (let n = 0; n < mostParts; n++) {
      const part = yield* restoreItems(context, { runId, started, ...(from && { from }) });
      if ('outcome' in part) return part;
      from = part.goesOn;
    }
  } catch (error) {
    yield* failRestore(context, { runId, started, failure: toFailure(error) });
    throw error;
  }
  context.df.continueAsNew({ runId, started, from });
  // Nobody sees it: the instance begins anew.
  return { outcome: 'goes on' };
});
