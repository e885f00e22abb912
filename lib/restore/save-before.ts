import { memberTrees } from '../archive/member-trees.ts';
import { readIndexOf } from '../archive/member-index.ts';
import { newRunId } from '../archive/runs/run-history.ts';
import { readRecord } from '../archive/runs/run-record.ts';
import { runBlobs } from '../archive/runs/run-blobs.ts';
import { memberFolder } from '../backup/names/paths.ts';
import { noCounts, sumCounts } from '../backup/counts.ts';
import { BackupError, endsRun, toFailure } from '../errors.ts';
import type { Log } from '../monitor/log.ts';
import { beginRun, type MemberLists } from '../run/begin/begin-run.ts';
import { acceptChecks } from '../run/check/accept-checks.ts';
import { checkUser, type Checked } from '../run/check/check-user.ts';
import type { Deps } from '../run/deps.ts';
import { failBackup } from '../run/finish/fail-backup.ts';
import { finishBackup } from '../run/finish/finish-backup.ts';
import { planRun } from '../run/plan/plan-run.ts';
import { readItems } from '../run/save/read-items.ts';
import { saveItem } from '../run/save/save-item.ts';
import { needJson } from '../storage/json-blobs.ts';

/** What was there before. */
export interface Before {
  /** the commit that holds it */
  commit: string;
  /** when each item was changed last, epoch ms, as it was saved */
  items: Record<string, number>;
}

/**
 * Saves living items as they are, by the steps of a backup and as a commit of its own, unless the archive has them so already. When
 * this returns, each of them can be taken back from that commit. Throws RESTORE_UNSAVED when one of them was not saved whole,
 * RUN_ACTIVE.
 */
export async function saveBefore(
  given: Deps,
  restoreId: string,
  itemIds: readonly string[],
  log: Log,
): Promise<Before> {
  const silent = () => Promise.resolve(() => Promise.resolve(true));
  // It is no nightly backup, and nobody is to hear of it as of one.
  const deps: Deps = { ...given, ping: silent, verifyPing: silent, within: restoreId };
  const started = deps.clock.now();
  const runId = newRunId(started, deps.random());
  const step = { runId, started };
  const subject = `Before restore ${restoreId}`;
  try {
    await run(deps, { ...step, itemIds, subject }, log);
  } catch (error) {
    await failBackup(deps, { ...step, failure: toFailure(error) }, log);
    throw error;
  }
  const record = await readRecord(deps.store, runId);
  const failure = record?.failures[0];
  if (record === undefined || failure !== undefined || record.outcome === 'failed')
    throw unsaved(failure?.title ?? 'The run', failure?.message ?? record?.error?.message ?? 'It left no record.');
  return proveSaved(deps, runId, itemIds);
}

async function run(
  deps: Deps,
  { runId, started, itemIds, subject }: { runId: string; started: number; itemIds: readonly string[]; subject: string },
  log: Log,
): Promise<void> {
  const request = { items: [...itemIds], force: true };
  const begun = await beginRun(deps, { runId, started, request }, log);
  if ('ended' in begun) throw unsaved('The run', 'It has ended already.');
  const { lanes } = await needJson<MemberLists>(deps.store, runBlobs(runId).members);
  const checks: string[] = [];
  const all = [];
  for (const member of lanes.flat()) {
    const input = { runId, started, someItems: true, force: true, lastRun: begun.lastRun, ...member };
    let checked: Checked = { done: false, check: null };
    while (!checked.done) checked = await checkUser(deps, { ...input, resume: checked.check }, log);
    if (checked.check !== null) checks.push(checked.check);
    all.push(checked);
  }
  const counts = all.length === 0 ? noCounts : sumCounts(all);
  const walks = [`${runId}-before`];
  if (checks.length > 0) await acceptChecks(deps, { runId, walk: walks[0] ?? '', page: 0, checks });
  const planned = await planRun(deps, { runId, started, walks, found: counts.found, failed: counts.failed }, log);
  for (let lane = 0; lane < planned.lanes; lane++)
    for (let page = 0, last = false; !last; page++) {
      const read = await readItems(deps, { runId, lane, page });
      for (const work of read.refs) await save(deps, { runId, started, work, salvage: [] }, log);
      last = read.last;
    }
  const { base, members } = begun;
  await finishBackup(deps, { runId, started, request, base, members, walks, counts, planned, subject }, log);
}

/** An item's failure stands in the record of the run; what ends a run ends this one. */
async function save(deps: Deps, input: Parameters<typeof saveItem>[1], log: Log): Promise<void> {
  let saved = await saveItem(deps, input, log);
  while ('goesOn' in saved) saved = await saveItem(deps, { ...input, goesOn: true }, log);
  if (!saved.ok && endsRun({ code: saved.code })) throw unsaved('The run', saved.message);
}

/** Looks into the commit that is the latest now: each item must be there whole, under whoever owns it. */
async function proveSaved(deps: Deps, runId: string, itemIds: readonly string[]): Promise<Before> {
  const head = await deps.repository.head();
  if (head === undefined) throw unsaved('Nothing', 'The archive has no commit.');
  const portal = await deps.portal(runId);
  const trees = await memberTrees(deps, head);
  const items: Record<string, number> = {};
  for (const id of itemIds) {
    const item = await portal.item(id);
    const tree = item && trees.get(memberFolder(item.owner));
    const saved = tree === undefined ? undefined : (await readIndexOf(deps, tree))[id];
    const modified = Number(saved?.stamp.split(',')[0]);
    if (saved === undefined || (saved.gaps ?? []).length > 0)
      throw unsaved(id, 'The settings leave it out, or a part of it could not be had.');
    if (item?.modified !== modified) throw unsaved(id, 'It was changed while it was saved.');
    items[id] = modified;
  }
  return { commit: head.commit, items };
}

function unsaved(what: string, why: string): BackupError {
  return new BackupError(
    'RESTORE_UNSAVED',
    `${what} could not be saved before the restore, so nothing was changed. ${why}`,
  );
}
