import { orchestration, toFailure, type Steps } from '../lib/activity.ts';
import type { RunStep } from '../lib/backup/run.ts';
import { failRestore } from './failRestore.ts';
import { restoreItems } from './restoreItems.ts';

/** One restore, as its journal says: what was planned, or what is left of it. */
orchestration('restore', function* (context, input: RunStep): Steps<{ outcome: string }> {
  try {
    return yield* restoreItems(context, input);
  } catch (error) {
    yield* failRestore(context, { ...input, failure: toFailure(error) });
    throw error;
  }
});
