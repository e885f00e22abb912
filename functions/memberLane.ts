import { subOrchestration, type Steps } from '../lib/activity.ts';
import { sumCounts } from '../lib/backup/counts.ts';
import type { Checked } from '../lib/run/check/check-user.ts';
import type { Counts } from '../lib/backup/counts.ts';
import type { RunStep } from '../lib/backup/run.ts';
import { acceptChecks } from './acceptChecks.ts';
import { checkUser } from './checkUser.ts';
import { readMembers } from './readMembers.ts';

interface MemberLaneInput extends RunStep {
  lane: number;
  page: number;
  someItems: boolean;
  force: boolean;
  lastRun: number | null;
  /** of the pages before this one */
  counts: Counts;
  /** members walked before this page */
  done: number;
  /** names what it accepted; made by its first page */
  walk?: string;
}

/** What a lane counted, and under which name it wrote down what it accepted: a lane that is begun again has another. */
interface Walked {
  walk: string;
  counts: Counts;
}

/** Walks its members one after the other, a page at a time, so that its history stays short. */
export const memberLane = subOrchestration('memberLane', function* (context, input: MemberLaneInput): Steps<Walked> {
  const { runId, started, lane, page, someItems, force, lastRun } = input;
  const walk = input.walk ?? context.df.newGuid(context.df.instanceId);
  const show = (done: number, { membersFailed: failed }: Counts, at?: string) =>
    context.df.setCustomStatus({ runId, phase: 'members', done, failed, ...(at !== undefined && { at }) });
  // An orchestrator that goes on with its next page has lost what it showed.
  show(input.done, input.counts);
  const { members, last } = yield* readMembers(context, { runId, lane, page });
  const each = { runId, started, someItems, force, lastRun };
  let { counts, done } = input;
  const checks: string[] = [];
  for (const member of members) {
    show(done, counts, member.username);
    let checked: Checked = { done: false, check: null };
    while (!checked.done) {
      checked = yield* checkUser(context, { ...each, ...member, resume: checked.check });
    }
    if (checked.check !== null) checks.push(checked.check);
    counts = sumCounts([counts, checked]);
    done += 1;
  }
  show(done, counts);
  if (checks.length > 0) yield* acceptChecks(context, { runId, walk, page, checks });
  if (!last) context.df.continueAsNew({ ...input, page: page + 1, counts, done, walk });
  return { walk, counts };
});
