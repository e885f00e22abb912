import { runOf } from '../../backup/report.ts';
import type { RunRecord } from '../../backup/run.ts';
import { BackupError } from '../../errors.ts';
import type { Head } from '../repository.ts';
import type { BlobStore } from '../../storage/blob-store.ts';
import { allRuns, readRunBlob } from './run-blobs.ts';
import type { Clock } from '../../clock.ts';
import { emptyRecord, readRecord, writeRecord } from './run-record.ts';

/** What earlier runs left. */
export interface RunHistory {
  /** dead runs with staged items, newest first, at most three */
  salvage: string[];
  /** when the last run of the whole organization began that got through, epoch ms; 0 when no clock can be believed that told it, null when there is none */
  lastRun: number | null;
  /** has this very run a record? */
  ended: boolean;
  /** records of the runs that were found dead just now: nobody has told of their end yet */
  buried: RunRecord[];
}

/** ms by which the clocks of two workers may differ; a run that began later than this from now was begun by a clock that was ahead. */
const skew = 3_600_000;

/**
 * Looks at what earlier runs left in the store. One without a record is dead: it is recorded as failed, so that it can
 * publish nothing should it wake up again; what it staged may be used. A later one is let alone: then it is this
 * execution that comes late. One that lies ahead of now is no later one.
 * @param taken the run whose place this one took: dead, however late it began, and whether it has left anything
 */
export async function readRunHistory(
  { store, clock }: { store: BlobStore; clock: Clock },
  ownId: string,
  head: Head | undefined,
  taken?: string,
): Promise<RunHistory> {
  const recorded = new Set<string>();
  const seen = new Set<string>();
  const staged = new Set<string>();
  let ended = false;
  for await (const { name } of store.list(allRuns)) {
    const blob = readRunBlob(name);
    if (blob?.runId === ownId && blob.kind === 'record') ended = true;
    if (blob === undefined || blob.runId === ownId) continue;
    seen.add(blob.runId);
    if (blob.kind === 'record') recorded.add(blob.runId);
    if (blob.kind === 'staged') staged.add(blob.runId);
  }
  const now = clock.now();
  const isEarlier = (runId: string) => runId < ownId || startOf(runId) > now + skew;
  const dead = new Set([...seen].filter(isEarlier));
  if (taken !== undefined) dead.add(taken);
  const buried: RunRecord[] = [];
  for (const runId of dead) {
    const record = recorded.has(runId) ? undefined : await buryRun(store, runId, head);
    if (record !== undefined) buried.push(record);
  }
  const newestFirst = [...staged].sort().reverse();
  return { salvage: newestFirst.slice(0, 3), lastRun: await lastFinished(store, [...recorded], now), ended, buried };
}

/** Undefined when it has a record by now. */
async function buryRun(store: BlobStore, runId: string, head: Head | undefined): Promise<RunRecord | undefined> {
  const published = isMadeBy(head, runId);
  const what = published ? 'The run published its commit, then stopped.' : 'The run stopped before it could publish.';
  const started = startOf(runId);
  const error = new BackupError('RUN_DEAD', what).toJSON();
  const empty = emptyRecord({ runId, started }, 'failed', started, error);
  const record = { ...empty, commit: published ? head.commit : null };
  return (await writeRecord(store, record)) ? record : undefined;
}

/** Runs that are looked at for the last of the whole organization. */
const mostManual = 100;

// Run ids begin with their time (UUID version 7), so the last in order is the latest. Times ahead of now count as never.
async function lastFinished(store: BlobStore, recorded: string[], now: number): Promise<number | null> {
  const believed = recorded.filter((runId) => startOf(runId) <= now);
  for (const runId of believed.sort().reverse().slice(0, mostManual)) {
    const record = await readRecord(store, runId);
    const gotThrough = record?.outcome === 'complete' || record?.outcome === 'partial';
    // A run of some items read nothing of the others again.
    if (gotThrough && record.whole !== false && record.started <= now) return record.started;
  }
  return believed.length < recorded.length ? 0 : null;
}

/** Did this run make the commit that the branch is at? */
export function isMadeBy(head: Head | undefined, runId: string): head is Head {
  return head !== undefined && runOf(head.message) === runId;
}

/** When a run started, epoch ms, from its id. */
export function startOf(runId: string): number {
  return Number.parseInt(runId.replaceAll('-', '').slice(0, 12), 16);
}

/** A run's id: a UUID of version 7 (RFC 9562), so that ids sort by time. @param random 40 hex digits */
export function newRunId(now: number, random: string): string {
  const time = now.toString(16).padStart(12, '0');
  const variant = ((Number.parseInt(random.slice(3, 4), 16) & 3) | 8).toString(16);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(0, 3)}-${variant}${random.slice(4, 7)}-${random.slice(7, 19)}`;
}

/** Ids of the runs that have a record, newest first. */
export async function endedRuns(store: BlobStore, most: number): Promise<string[]> {
  const ids: string[] = [];
  for await (const { name } of store.list(allRuns)) {
    const blob = readRunBlob(name);
    if (blob?.kind === 'record') ids.push(blob.runId);
  }
  return ids.sort().reverse().slice(0, most);
}

/** Runs that are looked at for the commits they made: some years of nights. */
const mostRecords = 1000;

/** The commits that runs recorded, in no order that says which came after which: clocks err. */
export async function* recordedCommits(store: BlobStore): AsyncGenerator<string> {
  for (const runId of await endedRuns(store, mostRecords)) {
    const commit = (await readRecord(store, runId))?.commit;
    if (typeof commit === 'string') yield commit;
  }
}
