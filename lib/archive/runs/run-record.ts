import { BackupError, type Failure } from '../../errors.ts';
import type { ItemFailure, Outcome, RunRecord } from '../../backup/run.ts';
import type { BlobStore } from '../../storage/blob-store.ts';
import { findJson, runBlobs } from './run-blobs.ts';
import { writeJson } from '../../storage/json-blobs.ts';
import type { RunStep } from '../../backup/run.ts';

/** A record of a run of which nothing is known but its end. */
export function emptyRecord(step: RunStep, outcome: Outcome, now: number, error?: Failure): RunRecord {
  return {
    runId: step.runId,
    outcome,
    commit: null,
    members: { listed: 0, excluded: 0, failed: 0 },
    listed: 0,
    added: 0,
    changed: 0,
    unchanged: 0,
    removed: 0,
    excluded: 0,
    failed: 0,
    gaps: 0,
    bytes: 0,
    failures: [],
    warnings: [],
    seconds: Math.round((now - step.started) / 1000),
    started: step.started,
    ...(error && { error }),
  };
}

/** Writes down for the report why an item could not be saved. */
export async function recordFailure(
  store: BlobStore,
  runId: string,
  failure: ItemFailure & { itemId: string },
): Promise<void> {
  await writeJson(store, runBlobs(runId).failed(failure.itemId), failure);
}

/** The record of a run that ended; undefined while it runs, for an id that never was, and when the record is damaged. */
export async function readRecord(store: BlobStore, runId: string): Promise<RunRecord | undefined> {
  const record = await findJson<RunRecord>(store, runBlobs(runId).record);
  return record?.runId === runId && Number.isFinite(record.started) ? (record as RunRecord) : undefined;
}

/** Writes the record if the run has none: the first to say how a run ended is believed. */
export async function writeRecord(store: BlobStore, record: RunRecord): Promise<boolean> {
  const bytes = Buffer.from(JSON.stringify(record));
  return (await store.put(runBlobs(record.runId).record, bytes, { absent: true })) !== undefined;
}

/** Adds a sentence to the record of a run that has ended; beside another that adds one, neither is lost. */
export async function warn(store: BlobStore, runId: string, warning: string): Promise<void> {
  for (;;) {
    // The ETag first: what is written between the two makes the write fail.
    const stat = await store.stat(runBlobs(runId).record);
    const record = stat && (await readRecord(store, runId));
    if (stat === undefined || record === undefined || record.warnings.includes(warning)) return;
    const bytes = Buffer.from(JSON.stringify({ ...record, warnings: [...record.warnings, warning] }));
    if ((await store.put(runBlobs(runId).record, bytes, { etag: stat.etag })) !== undefined) return;
  }
}

/** Throws RUN_DEAD or RUN_CANCELLED when somebody has ended this run: it must publish nothing any more. */
export function refuseEnded(record: RunRecord | undefined): void {
  if (record?.outcome === 'cancelled') throw new BackupError('RUN_CANCELLED', 'This run was cancelled.');
  if (record?.outcome === 'failed') {
    throw new BackupError('RUN_DEAD', 'Another run took over, because this one was taken for dead.');
  }
}

/** Throws RUN_DEAD or RUN_CANCELLED when the run has ended, however it did: what comes late must begin nothing. */
export async function refuseLate(store: BlobStore, runId: string): Promise<void> {
  const record = await readRecord(store, runId);
  refuseEnded(record);
  if (record !== undefined) throw new BackupError('RUN_DEAD', 'This run has ended already.');
}

/** Did the run find something in the place of the archive that is not ours, or nothing? Then nothing is written there. */
export function isForeign(error: { code: string } | undefined): boolean {
  return error?.code === 'STORE_NOT_REPOSITORY' || error?.code === 'STORE_VANISHED';
}
