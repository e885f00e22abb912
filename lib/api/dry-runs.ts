import { newRunId } from '../archive/runs/run-history.ts';
import { findJson, runBlobs } from '../archive/runs/run-blobs.ts';
import type { RunLists } from '../backup/changes.ts';
import { recordJson, type RunJson } from '../backup/record-json.ts';
import type { RunRecord, RunRequest } from '../backup/run.ts';
import { isCode } from '../errors.ts';
import type { BlobStore } from '../storage/blob-store.ts';
import { isRunId } from './run-status.ts';
import type { Instances } from './instances.ts';
import { singleton, type RunsDeps } from './runs.ts';
import type { Started } from './start-run.ts';

/** Apart from that of runs, so that no dry run ever keeps a backup from beginning. */
const oneDryRun = `${singleton}-dry-run`;

/** A dry run as GET /api/backups/{id} answers it. */
export type DryRunStatus =
  | { runId: string; status: 'running'; phase: 'dry-run'; dryRun: true; started: number }
  | ({ status: RunRecord['outcome']; phase: 'end'; dryRun: true } & RunJson);

type Rehearsed = RunRecord & RunLists;

/** Starts a dry run, unless one is under way. */
export async function startDryRun(
  { clock, random }: Pick<RunsDeps, 'clock' | 'random'>,
  instances: Instances,
  request: RunRequest,
): Promise<Started> {
  const started = clock.now();
  const runId = newRunId(started, random());
  if (await instances.start('dryRun', oneDryRun, { runId, started, request })) return { started: true, runId };
  return { started: false, runId: (await instances.status(oneDryRun))?.input?.runId ?? runId };
}

/** Ends a dry run; undefined when this one is not under way. It has changed nothing, so nothing is to be tidied up. */
export async function cancelDryRun(instances: Instances, runId: string): Promise<'cancelled' | undefined> {
  const current = await instances.status(oneDryRun);
  if (current?.running !== true || current.input?.runId !== runId) return undefined;
  await instances.terminate(oneDryRun, 'RUN_CANCELLED');
  return 'cancelled';
}

/** The state of one dry run; undefined for an id that never was, and 14 days after its end. */
export async function dryRunOf(
  store: BlobStore,
  instances: Instances,
  runId: string,
): Promise<DryRunStatus | undefined> {
  const rehearsed = await readDryRun(store, runId);
  if (rehearsed !== undefined) {
    const { changes: _changes, leftOut: _leftOut, ...record } = rehearsed;
    return { status: record.outcome, phase: 'end', ...recordJson(record), dryRun: true };
  }
  const current = await instances.status(oneDryRun);
  if (current?.running !== true || current.input?.runId !== runId) return undefined;
  return { runId, status: 'running', phase: 'dry-run', dryRun: true, started: current.input.started };
}

/** What a dry run came to; undefined where there is none of this id. */
export async function readDryRun(store: BlobStore, runId: string): Promise<Rehearsed | undefined> {
  if (!isRunId(runId)) return undefined;
  try {
    const found = await findJson<Rehearsed>(store, runBlobs(runId).dryRun);
    return found?.runId === runId ? (found as Rehearsed) : undefined;
  } catch (error) {
    if (isCode(error, 'STORE_MISSING')) return undefined;
    throw error;
  }
}
