import { BackupError, toFailure, type Failure } from '../errors.ts';
import { pingText } from '../backup/report.ts';
import type { ItemFailure, Outcome, RunRecord } from '../backup/item.ts';
import type { Log } from '../monitor/log.ts';
import type { Signal } from '../monitor/ping.ts';
import type { BlobStore } from '../storage/blob-store.ts';
import { findJson, runBlobs, writeJson } from './run-blobs.ts';
import type { RunStep } from '../backup/messages.ts';
import type { Parts } from '../run/deps.ts';

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

/**
 * Tells Healthchecks.io; a ping that fails never fails a run. The sentence to report, or undefined when it was heard.
 */
export async function tell(parts: Parts, signal: Signal, runId: string, body: string): Promise<string | undefined> {
  try {
    const ping = await parts.ping(runId);
    await ping(signal, runId, body);
    return undefined;
  } catch (error) {
    const { code, message } = toFailure(error);
    return `${code}: ${message}`;
  }
}

/** What a finished run pings. */
export function signalOf(outcome: Outcome, partialPings: 'fail' | 'success'): Signal {
  if (outcome === 'partial') return partialPings;
  return outcome === 'complete' ? 'success' : 'fail';
}

/** The last thing of every run: ping, then a log line. */
export async function announce(parts: Parts, record: RunRecord, log: Log): Promise<void> {
  const unheard = await tell(parts, signalOf(record.outcome, parts.rules.partialPings), record.runId, pingText(record));
  if (unheard !== undefined && !isForeign(record.error)) await warn(parts.store, record.runId, unheard);
  const { runId, outcome, bytes, seconds, error } = record;
  const event = outcome === 'complete' || outcome === 'partial' ? 'run.completed' : 'run.failed';
  log({ event, runId, outcome, bytes, ms: seconds * 1000, count: record.listed, ...(error && { code: error.code }) });
}

/** Did the run find something in the place of the archive that is not ours, or nothing? Then nothing is written there. */
export function isForeign(error: { code: string } | undefined): boolean {
  return error?.code === 'STORE_NOT_REPOSITORY' || error?.code === 'STORE_VANISHED';
}
