import { orchestration, type Steps } from '../lib/activity.ts';
import type { RunStep } from '../lib/backup/run.ts';
import { planItems } from './planItems.ts';

/** One plan of a restore: an orchestration, so that it is made again when its worker goes away, and can be asked for. */
orchestration('plan', function* (context, input: RunStep): Steps<{ state: string }> {
  return yield* planItems(context, input);
});
