import { orchestration, type Steps } from '../lib/activity.ts';
import type { RunEnd, RunInput } from '../lib/backup/run.ts';
import { rehearse } from './rehearse.ts';

/** One dry run: an orchestration, so that it is done again when its worker goes away, and its end can be asked for. */
orchestration('dryRun', function* (context, input: RunInput): Steps<RunEnd> {
  return { runId: input.runId, ...(yield* rehearse(context, input)) };
});
