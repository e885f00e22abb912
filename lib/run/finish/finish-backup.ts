import { sumsClose } from '../../backup/reconcile.ts';
import { isWhole, type RunRecord, type RunStep, type RunRequest } from '../../backup/run.ts';
import { BackupError, isCode, toFailure, type Failure } from '../../errors.ts';
import type { Log } from '../../monitor/log.ts';
import { collectResults, type Results } from './collect-results.ts';
import { mergeMembers, type Merged } from '../../archive/commit-tree.ts';
import type { RunEnd } from '../../backup/run.ts';
import type { Deps } from '../deps.ts';
import { cleanUp } from './clean-up.ts';
import { publishRun, refuseHidden } from './publish-run.ts';
import { nothingPruned, prune, type Pruned } from './prune.ts';
import { isMadeBy } from '../../archive/runs/run-history.ts';
import { readRecord, refuseEnded, warn, writeRecord } from '../../archive/runs/run-record.ts';
import { announce } from '../announce.ts';
import { manyRemoved, type ContentWarning } from '../../backup/warnings.ts';
import { runBlobs } from '../../archive/runs/run-blobs.ts';
import type { RunLists } from '../../backup/changes.ts';
import { writeJson } from '../../storage/json-blobs.ts';
import type { Counts } from '../../backup/counts.ts';
import type { Planned } from '../plan/plan-run.ts';

/** finishBackup's input. */
export interface FinishInput extends RunStep {
  request: RunRequest;
  base: string | null;
  members: { listed: number; excluded: number };
  /** as in planRun's input */
  walks: readonly string[];
  counts: Counts;
  planned: Planned;
  /** what ended the run before its last item */
  ended?: Failure;
  /** how its commit begins, in place of Backup and the day */
  subject?: string;
}

/** finishBackup's output. */
export interface Finished extends RunEnd {
  /** the commit made; null when nothing changed */
  commit: string | null;
}

/**
 * Reconcile, prune, write trees and commit, move the branch, write the record, ping. May run twice: the second time it
 * finds the record, or its own commit on the branch, and only does what is left.
 * A run that was ended before its last item has failed; what was saved until then is committed, nothing is removed, and the
 * portal is not asked any more.
 * Throws RUN_DEAD, RUN_CANCELLED, BRANCH_MOVED, COUNTS_MISMATCH; then nothing was published.
 */
export async function finishBackup(deps: Deps, input: FinishInput, log: Log): Promise<Finished> {
  const { runId } = input;
  const earlier = await readRecord(deps.store, runId);
  // The first try got as far as the record; whether its ping went out nobody knows, and two do no harm.
  if (earlier !== undefined && hasFinished(earlier, input)) return close(deps, earlier, log);
  refuseEnded(earlier);
  if (input.ended?.code === 'AUTH_PRIVILEGE' || input.ended?.code === 'AUTH_ANONYMOUS')
    await refuseHidden(deps, runId, input.ended);
  const head = await deps.repository.head();
  const own = isMadeBy(head, runId) ? head : undefined;
  if (own === undefined && (head?.commit ?? null) !== input.base) {
    throw new BackupError('BRANCH_MOVED', 'Another run has published since this one began.');
  }
  const base = own === undefined ? head : await deps.repository.parent(own);
  const gathered = await collectResults(deps, input);
  const pruned = input.ended === undefined ? await prune(deps, input, base, gathered) : nothingPruned;
  const merged = await mergeMembers(deps, base, gathered, pruned);
  const record = recordOf(deps, input, gathered, pruned, merged);
  if (!sumsClose(record)) throw openSums(record);
  let commit = own?.commit ?? null;
  try {
    if (own === undefined) commit = await publishRun(deps, input, { base, record, gathered, merged });
  } catch (error) {
    // Another execution of this very step was faster, and the portal has told it something else.
    if (isCode(error, 'BRANCH_MOVED') && isMadeBy(await deps.repository.head(), runId))
      return finishBackup(deps, input, log);
    throw error;
  }
  await writeLists(deps, runId, { changes: merged.changes, leftOut: gathered.leftOut });
  if (commit !== null) log({ event: 'run.committed', runId, count: record.added + record.changed + record.removed });
  const finished = { ...record, commit };
  if (!(await writeRecord(deps.store, finished))) {
    const first = await readRecord(deps.store, runId);
    if (first === undefined || !hasFinished(first, input)) refuseEnded(first);
  }
  await noteArchive(deps, finished, input.base);
  return close(deps, finished, log);
}

/** Is it the record that this step writes? */
function hasFinished({ outcome, error }: RunRecord, { ended }: FinishInput): boolean {
  if (outcome === 'failed') return ended !== undefined && error?.code === ended.code;
  return outcome !== 'cancelled';
}

/** By this the next run knows that there is an archive to be missed. */
async function noteArchive({ store, lastArchive, clock }: Deps, { runId, commit }: RunRecord, base: string | null) {
  try {
    await lastArchive.write({ address: store.address, commit: commit ?? base, runId, at: clock.now() });
  } catch (error) {
    const { code, message } = toFailure(error);
    const text = `Nothing outside of the archive says that it is there (${code}: ${message}); if it vanished, no run would notice.`;
    await warn(store, runId, text);
  }
}

/** Nothing is written of a run that did nothing and left nothing out. */
async function writeLists({ store }: Deps, runId: string, lists: RunLists): Promise<void> {
  if (lists.changes.length + lists.leftOut.length > 0)
    await writeJson(store, runBlobs(runId).lists, { runId, ...lists });
}

async function close(deps: Deps, record: RunRecord, log: Log): Promise<Finished> {
  await announce(deps, record, log);
  await cleanUp(deps, record.runId);
  return { runId: record.runId, outcome: record.outcome, commit: record.commit };
}

function recordOf(deps: Deps, input: FinishInput, gathered: Results, pruned: Pruned, merged: Merged): RunRecord {
  const { counts, planned, members, runId, started } = input;
  const { gaps, accepted, left } = gathered;
  const failures = [...gathered.lists, ...gathered.failures];
  const losses = lossesOf(gathered, pruned, merged, input.base);
  const isPartial = failures.length > 0 || gaps.length > 0 || pruned.held || pruned.unlisted || gathered.kept;
  return {
    runId,
    outcome: input.ended ? 'failed' : isPartial ? 'partial' : 'complete',
    commit: null,
    members: { ...members, failed: counts.membersFailed },
    listed: counts.listed - planned.duplicates,
    added: merged.added,
    changed: merged.changed,
    unchanged: counts.unchanged + merged.unchanged,
    removed: pruned.removed.size,
    excluded: counts.excluded,
    failed: failures.filter(({ itemId }) => itemId !== null).length + (input.ended ? left : 0),
    gaps: new Set(gaps.map(({ itemId }) => itemId)).size,
    bytes: gathered.bytes,
    failures: [...failures, ...gaps],
    ...(accepted.length > 0 && { accepted }),
    warnings: [...gathered.warnings, ...pruned.warnings],
    ...(losses.length > 0 && { losses }),
    ...(input.base === null && { newArchive: true as const }),
    seconds: Math.round((deps.clock.now() - started) / 1000),
    started,
    ...(!isWhole(input.request) && { whole: false }),
    ...(input.ended && { error: { ...input.ended, message: endText(input.ended, left) } }),
  };
}

/** Items with a loss that are published, and members who lost many items at once. */
function lossesOf(
  { staged }: Results,
  { removed }: Pruned,
  { members }: Merged,
  base: string | null,
): ContentWarning[] {
  const gone = Map.groupBy(removed.values(), ({ owner }) => owner);
  const many = [...gone].flatMap(([owner, { length }]) => {
    const member = members.find(({ username }) => username === owner);
    const added = member?.placed.filter(({ before }) => before === undefined).length ?? 0;
    return manyRemoved(owner, length, Object.keys(member?.items ?? {}).length - added + length, base);
  });
  return [...staged.flatMap(({ warnings = [] }) => warnings), ...many];
}

function endText({ message }: Failure, left: number): string {
  const items = left === 1 ? 'One item was not fetched and keeps' : `${left} items were not fetched and keep`;
  return `${message} ${items} the version of before; what was saved until then is in the archive.`;
}

function openSums({ listed, added, changed, unchanged, excluded, failed }: RunRecord): BackupError {
  const sums = `${listed} listed, but ${added} added, ${changed} changed, ${unchanged} unchanged, ${excluded} excluded, ${failed} failed`;
  return new BackupError('COUNTS_MISMATCH', `The sums of the run do not close: ${sums}.`);
}
