import { subOrchestration, type Steps } from '../lib/activity.ts';
import { idsOf } from '../lib/api/instance-ids.ts';
import { noCounts, sumCounts } from '../lib/backup/counts.ts';
import type { RunEnd, RunInput } from '../lib/backup/run.ts';
import { isWhole } from '../lib/backup/run.ts';
import { toMessage } from '../lib/errors.ts';
import { beginRun } from './beginRun.ts';
import { finishBackup } from './finishBackup.ts';
import { itemLane } from './itemLane.ts';
import { maintainArchive } from './maintainArchive.ts';
import { memberLane } from './memberLane.ts';
import { planRun } from './planRun.ts';
import { saveOrganization } from './saveOrganization.ts';

/** The steps of one backup, in their order. Begun again, it uses what it has staged. */
export const runBackup = subOrchestration('runBackup', function* (context, input: RunInput): Steps<RunEnd> {
  const { runId, request } = input;
  const step = { runId, started: input.started };
  const ids = idsOf(runId);
  const phase = (name: string, total: number) =>
    context.df.setCustomStatus({ runId, phase: name, total, since: context.df.currentUtcDateTime.getTime() });
  phase('begin', 0);
  const begun = yield* beginRun(context, { ...step, request });
  if ('ended' in begun) return begun.ended;
  const { base, members, lanes, salvage, lastRun } = begun;

  phase('members', members.listed - members.excluded);
  const { items = [], force = false } = request;
  const someItems = items.length > 0;
  const onLane = { ...step, someItems, force, lastRun, page: 0, done: 0, counts: noCounts };
  const memberLanes = Array.from({ length: lanes }, (_, lane) => ({ ...onLane, lane }));
  const walked = yield* memberLane.all(context, memberLanes, ids.members);
  const counts = sumCounts(walked.map((lane) => lane.counts));
  const walks = walked.map(({ walk }) => walk);

  if (isWhole(request)) yield* saveOrganization(context, { ...step, ...(counts.categorized && { categorized: true }) });

  const planned = yield* planRun(context, { ...step, walks, found: counts.found, failed: counts.failed });
  phase('items', planned.total);
  const saving = { ...step, salvage, page: 0, done: 0, failed: 0 };
  const itemLanes = Array.from({ length: planned.lanes }, (_, lane) => ({ ...saving, lane }));
  const ends = yield* itemLane.all(context, itemLanes, ids.items);
  const ended = ends.find((end) => end !== null);

  phase('finish', planned.total);
  const finish = { ...step, request, base, members, walks, counts, planned };
  const { outcome, commit } = yield* finishBackup(context, ended ? { ...finish, ended } : finish);
  try {
    if (commit !== null) yield* maintainArchive(context, step);
  } catch (error) {
    // What has been published stays published.
    const said = `The archive could not be tidied up; the next run tries again: ${toMessage(error)}`;
    if (!context.df.isReplaying) context.warn(said);
  }
  return { runId, outcome };
});
