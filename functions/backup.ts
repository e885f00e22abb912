import { orchestration, toFailure, type Steps } from '../lib/activity.ts';
import { noCounts, sumCounts } from '../lib/backup/counts.ts';
import type { RunEnd, RunInput } from '../lib/backup/messages.ts';
import { isWhole } from '../lib/backup/words.ts';
import { beginRun } from './beginRun.ts';
import { failBackup } from './failBackup.ts';
import { finishBackup } from './finishBackup.ts';
import { itemLane } from './itemLane.ts';
import { memberLane } from './memberLane.ts';
import { planRun } from './planRun.ts';
import { saveOrganization } from './saveOrganization.ts';

/** One backup, from the first ping to the last. See the flow in the README. */
export const backup = orchestration('backup', function* (context, input: RunInput): Steps<RunEnd> {
  const { runId, request } = input;
  const step = { runId, started: input.started };
  const phase = (name: string, total: number) => context.df.setCustomStatus({ runId, phase: name, total });
  try {
    phase('begin', 0);
    const { base, members, lanes, salvage, lastRun } = yield* beginRun(context, { ...step, request });

    phase('members', members.listed - members.excluded);
    const each = {
      ...step,
      items: request.items ?? [],
      force: request.force ?? false,
      lastRun,
      page: 0,
      done: 0,
      counts: noCounts,
    };
    const memberLanes = Array.from({ length: lanes }, (_, lane) => ({ ...each, lane }));
    const counts = sumCounts(yield* memberLane.all(context, memberLanes, (lane) => `${runId}-members-${lane}`));

    if (isWhole(request)) yield* saveOrganization(context, step);

    const planned = yield* planRun(context, { ...step, found: counts.found, failed: counts.failed });
    phase('items', planned.total);
    const itemLanes = Array.from({ length: planned.lanes }, (_, lane) => ({
      ...step,
      salvage,
      lane,
      page: 0,
      done: 0,
      failed: 0,
    }));
    yield* itemLane.all(context, itemLanes, (lane) => `${runId}-items-${lane}`);

    phase('finish', planned.total);
    return yield* finishBackup(context, { ...step, request, base, members, counts, planned });
  } catch (error) {
    const end = yield* failBackup(context, { ...step, failure: toFailure(error) });
    // Of two executions of the last step one may have failed because the other had finished, and cleaned up.
    if (end.outcome === 'complete' || end.outcome === 'partial') return end;
    throw error;
  }
});
