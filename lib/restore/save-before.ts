import { memberTrees } from '../archive/member-trees.ts';
import { readIndexOf } from '../archive/member-index.ts';
import { newRunId } from '../archive/runs/run-history.ts';
import { readRecord } from '../archive/runs/run-record.ts';
import { runBlobs } from '../archive/runs/run-blobs.ts';
import { beforeRestore } from '../backup/before-restore.ts';
import { isHosted } from '../backup/formats.ts';
import { stampOf } from '../backup/stamp.ts';
import { editsOf } from './layers/edits.ts';
import { memberFolder, memberPath } from '../backup/names/paths.ts';
import { noCounts, sumCounts } from '../backup/counts.ts';
import { BackupError, endsRun, isWorthAnother, toFailure } from '../errors.ts';
import type { RunStep } from '../backup/run.ts';
import type { BeforeRun, SavedBefore } from './journal/entries.ts';
import type { Log } from '../monitor/log.ts';
import { beginRun, type MemberLists } from '../run/begin/begin-run.ts';
import { acceptChecks } from '../run/check/accept-checks.ts';
import { checkUser, type Checked } from '../run/check/check-user.ts';
import type { Deps } from '../run/deps.ts';
import { failBackup } from '../run/finish/fail-backup.ts';
import { finishBackup } from '../run/finish/finish-backup.ts';
import { planRun } from '../run/plan/plan-run.ts';
import { readItems } from '../run/save/read-items.ts';
import { saveItem, type SaveInput } from '../run/save/save-item.ts';
import { needJson } from '../storage/json-blobs.ts';

/**
 * Begins a run that saves living items as they are, by the steps of a backup, unless the archive has them so already. Throws
 * RESTORE_UNSAVED, RUN_ACTIVE.
 */
export async function beginBefore(
  given: Deps,
  restoreId: string,
  itemIds: readonly string[],
  log: Log,
): Promise<BeforeRun> {
  const deps = quiet(given, restoreId);
  const started = deps.clock.now();
  const step = { runId: newRunId(started, deps.random()), started };
  const hear = withoutRuns(log);
  return orFail(deps, step, hear, async () => ({ ...step, ...(await begin(deps, { ...step, itemIds }, hear)) }));
}

/** Is the run that was begun still under way? One that failed is not gone on with. */
export async function isOpen({ store }: Deps, { runId }: BeforeRun): Promise<boolean> {
  const record = await readRecord(store, runId);
  return record === undefined || record.outcome === 'complete' || record.outcome === 'partial';
}

/** What saving goes on with. */
interface GoingOn {
  restoreId: string;
  run: BeforeRun;
  /** an earlier part has begun it */
  goesOn: boolean;
  isOver: () => boolean;
}

/**
 * Goes on with a run that saves, and makes a commit of its own of it at its end: each item can be taken back from that then. Undefined
 * when it was time to stop before. Throws RESTORE_UNSAVED when one of them was not saved whole.
 */
export async function goOnBefore(
  given: Deps,
  { restoreId, run, goesOn, isOver }: GoingOn,
  log: Log,
): Promise<SavedBefore | undefined> {
  const deps = quiet(given, restoreId);
  const { runId, started, itemIds, base, members, counts, planned } = run;
  const hear = withoutRuns(log);
  const isSaved = await orFail(deps, run, hear, async () => {
    const record = await readRecord(deps.store, runId);
    if (record === undefined && !(await saveAll(deps, run, { goesOn, isOver }, hear))) return false;
    const walks = [walkOf(runId)];
    const finish = { runId, started, request: requestOf(itemIds), base, members, walks, counts, planned };
    await finishBackup(deps, { ...finish, subject: beforeRestore(restoreId) }, hear);
    return true;
  });
  if (!isSaved) return undefined;
  const record = await readRecord(deps.store, runId);
  const failure = record?.failures[0];
  if (record === undefined || failure !== undefined || record.outcome === 'failed')
    throw unsaved(failure?.title ?? 'The run', failure?.message ?? record?.error?.message ?? 'It left no record.');
  return proveSaved(deps, runId, itemIds);
}

/** It is no nightly backup, and nobody is to hear of it as of one; and the restore has the archive to itself already. */
function quiet(given: Deps, restoreId: string): Deps {
  const silent = () => Promise.resolve(() => Promise.resolve(true));
  return { ...given, ping: silent, verifyPing: silent, within: restoreId };
}

/** Its end is not that of a night, by which alarms ring or do not. */
function withoutRuns(log: Log): Log {
  return (event) => {
    if (!event.event.startsWith('run.')) log(event);
  };
}

async function orFail<T>(deps: Deps, { runId, started }: RunStep, log: Log, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    // The same step is tried again, and goes on with it.
    if (!isWorthAnother(error)) await failBackup(deps, { runId, started, failure: toFailure(error) }, log);
    throw error;
  }
}

const walkOf = (runId: string) => `${runId}-before`;
const requestOf = (itemIds: readonly string[]) => ({ items: [...itemIds], force: true });

async function begin(
  deps: Deps,
  { runId, started, itemIds }: RunStep & { itemIds: readonly string[] },
  log: Log,
): Promise<Omit<BeforeRun, keyof RunStep>> {
  const begun = await beginRun(deps, { runId, started, request: requestOf(itemIds) }, log);
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
  const walk = walkOf(runId);
  if (checks.length > 0) await acceptChecks(deps, { runId, walk, page: 0, checks });
  const { found, failed } = counts;
  const planned = await planRun(deps, { runId, started, walks: [walk], found, failed }, log);
  const { base, members } = begun;
  return { itemIds: [...itemIds], base, members, counts, planned };
}

/** False when it was time to stop before all were staged; what is staged is not fetched again. */
async function saveAll(
  deps: Deps,
  { runId, started, planned }: BeforeRun,
  { goesOn, isOver }: Pick<GoingOn, 'goesOn' | 'isOver'>,
  log: Log,
): Promise<boolean> {
  for (let lane = 0; lane < planned.lanes; lane++)
    for (let page = 0, last = false; !last; page++) {
      const read = await readItems(deps, { runId, lane, page });
      for (const work of read.refs) {
        const input = {
          runId,
          started,
          work,
          salvage: [],
          ...(work.step === 'export' && { instead: byRows }),
          ...(goesOn && { goesOn: true as const }),
        };
        if (!(await save(deps, input, isOver, log)) || isOver()) return false;
      }
      last = read.last;
    }
  return true;
}

/** Rows that were read row by row go back without the portal's help, under the ids that they have. */
const byRows = { code: 'EXPORT_REFUSED', message: 'They are what was there before a restore.' } as const;

/** An item's failure stands in the record of the run; what ends a run ends this one. False when it was time to stop before its end. */
async function save(deps: Deps, input: SaveInput, isOver: () => boolean, log: Log): Promise<boolean> {
  let saved = await saveItem(deps, input, log);
  while ('goesOn' in saved) {
    if (isOver()) return false;
    saved = await saveItem(deps, { ...input, goesOn: true }, log);
  }
  if (!saved.ok && endsRun({ code: saved.code })) throw unsaved('The run', saved.message);
  return true;
}

/** Looks into the commit that is the latest now: each item must be there whole, under whoever owns it. */
async function proveSaved(deps: Deps, runId: string, itemIds: readonly string[]): Promise<SavedBefore> {
  const head = await deps.repository.head();
  if (head === undefined) throw unsaved('Nothing', 'The archive has no commit.');
  const portal = await deps.portal(runId);
  const trees = await memberTrees(deps, head);
  const items: Record<string, number> = {};
  const layers: NonNullable<SavedBefore['layers']> = {};
  const folders: Record<string, string> = {};
  for (const id of itemIds) {
    const item = await portal.item(id);
    const tree = item && trees.get(memberFolder(item.owner));
    const saved = tree === undefined ? undefined : (await readIndexOf(deps, tree))[id];
    const modified = Number(saved?.stamp.split(',')[0]);
    if (saved === undefined || (saved.gaps ?? []).length > 0)
      throw unsaved(id, 'The settings leave it out, or a part of it could not be had.');
    if (item?.modified !== modified) throw unsaved(id, 'It was changed while it was saved.');
    items[id] = modified;
    const found = await deps.repository.treeAt(head.tree, `${memberPath(item.owner)}/${saved.path}`);
    folders[id] = found ?? '';
    if (!isHosted(item)) continue;
    const edits = await editsOf(portal, item);
    if (saved.stamp !== stampOf(item.modified, await portal.dates(item)))
      throw unsaved(id, 'Its rows were edited while they were saved.');
    layers[id] = { edits, tree: found ?? '' };
  }
  return { commit: head.commit, items, layers, trees: folders };
}

function unsaved(what: string, why: string): BackupError {
  return new BackupError(
    'RESTORE_UNSAVED',
    `${what} could not be saved before the restore, so nothing was changed. ${why}`,
  );
}
