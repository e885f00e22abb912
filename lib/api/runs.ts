import type { RunRecord, RunRequest } from '../backup/words.ts';
import type { Clock } from '../clock.ts';
import { BackupError } from '../errors.ts';
import { newRunId } from '../run/earlier.ts';
import { idsOf } from './instance-ids.ts';
import type { Instance, Instances } from './instances.ts';

/** How often a run that is being ended is looked at before it is given up, once a second. */
const mostLooks = 60;

/** One fixed id, so that never two runs are under way. */
export const singleton = 'ago-backup';

/** A run as GET /api/backups/{id} answers it. */
export type RunStatus =
  | { runId: string; status: 'running'; phase: string; done: number; total: number; failed: number; started: number }
  | ({ status: RunRecord['outcome']; phase: 'end'; done: number; total: number } & RunRecord);

/** What starting and watching runs needs. */
export interface RunsParts {
  clock: Clock;
  random: () => string;
  /** ms of silence after which a run is dead */
  silence: number;
  concurrency: number;
  readRecord(runId: string): Promise<RunRecord | undefined>;
  /** what is said of a run that has ended without a record, because the store could not take it */
  lostRecord(runId: string): RunRecord;
  /** ids of the runs that ended, newest first */
  endedRuns(most: number): Promise<string[]>;
  /** writes the record of a run that was ended from outside, and pings */
  recordEnd(runId: string, started: number, error: BackupError): Promise<void>;
}

/** Starts a run, unless one is under way. A run that has been silent for too long is ended first and reported. */
export async function startRun(
  parts: RunsParts,
  instances: Instances,
  request: RunRequest,
): Promise<{ started: boolean; runId: string }> {
  const current = await instances.status(singleton);
  if (current?.running === true && current.input !== undefined) {
    const { runId, started } = current.input;
    if (!(await isDead(parts, instances, current))) return { started: false, runId };
    await endRun(parts, instances, runId, started, new BackupError('RUN_DEAD', 'The run stopped without a word.'));
    await hasEnded(parts, instances, runId);
  }
  const started = parts.clock.now();
  const runId = newRunId(started, parts.random());
  if (await instances.start('backup', singleton, { runId, started, request })) return { started: true, runId };
  // Somebody was faster by a moment.
  return { started: false, runId: (await instances.status(singleton))?.input?.runId ?? runId };
}

/** Starts a verification of the archive; false while one is under way. */
export async function startVerify(
  { clock, random }: Pick<RunsParts, 'clock' | 'random'>,
  instances: Instances,
): Promise<boolean> {
  const started = clock.now();
  return instances.start('verify', `${singleton}-verify`, { runId: newRunId(started, random()), started });
}

/** The state of one run; undefined for an id that never was. */
export async function statusOf(parts: RunsParts, instances: Instances, runId: string): Promise<RunStatus | undefined> {
  if (!isRunId(runId)) return undefined;
  const record = await parts.readRecord(runId);
  if (record) return ended(record);
  const current = await instances.status(singleton);
  if (current?.input?.runId !== runId) return undefined;
  if (!current.running) {
    // It may have ended since its record was looked for.
    return ended((await parts.readRecord(runId)) ?? parts.lostRecord(runId));
  }
  const { phase = 'begin', total = 0 } = (await stepsOf(instances, current)).progress ?? {};
  const lanes = await laneProgress(parts, instances, runId, phase);
  const done = lanes.reduce((sum, lane) => sum + (lane.progress?.done ?? 0), 0);
  const failed = lanes.reduce((sum, lane) => sum + (lane.progress?.failed ?? 0), 0);
  return { runId, status: 'running', phase, done, total, failed, started: current.input.started };
}

/** The latest runs, the running one first. */
export async function recentRuns(parts: RunsParts, instances: Instances, most = 30): Promise<RunStatus[]> {
  const current = await instances.status(singleton);
  const ids = await parts.endedRuns(most);
  const runId = current?.running === true ? current.input?.runId : undefined;
  if (runId !== undefined && !ids.includes(runId)) ids.unshift(runId);
  const found = await Promise.all(ids.map((id) => statusOf(parts, instances, id)));
  return found.filter((status) => status !== undefined);
}

/** Ends a run that is under way; false when this one is not. */
export async function cancelRun(parts: RunsParts, instances: Instances, runId: string): Promise<boolean> {
  const current = await instances.status(singleton);
  if (current?.running !== true || current.input?.runId !== runId) return false;
  const error = new BackupError('RUN_CANCELLED', 'The run was cancelled by an operator.');
  await endRun(parts, instances, runId, current.input.started, error);
  return true;
}

function ended(record: RunRecord): RunStatus {
  return { status: record.outcome, phase: 'end', done: record.listed, total: record.listed, ...record };
}

/** An id comes out of an address, and becomes part of a blob's name. */
function isRunId(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);
}

/** Is this very run under way? By now another may have taken its place, under the same instance id. */
async function isUnderWay(instances: Instances, runId: string): Promise<boolean> {
  const current = await instances.status(singleton);
  return current?.running === true && current.input?.runId === runId;
}

// Azure only queues a termination, and refuses a start until it is done.
async function hasEnded({ clock }: RunsParts, instances: Instances, runId: string): Promise<void> {
  for (let look = 0; look < mostLooks && (await isUnderWay(instances, runId)); look++) await clock.sleep(1000);
}

// Azure does not end sub-orchestrations with their parent. Steps and lanes are ended here; an export under way is left to
// delete its temporary item. The record comes first: with it there, nothing of this run can publish any more.
async function endRun(parts: RunsParts, instances: Instances, runId: string, started: number, error: BackupError) {
  await parts.recordEnd(runId, started, error);
  if (await isUnderWay(instances, runId)) await instances.terminate(singleton, error.code);
  const ids = idsOf(runId);
  await instances.terminate(ids.steps, error.code);
  for (let lane = 0; lane < parts.concurrency; lane++) {
    await instances.terminate(ids.members(lane), error.code);
    await instances.terminate(ids.items(lane), error.code);
  }
}

async function isDead(parts: RunsParts, instances: Instances, current: Instance): Promise<boolean> {
  const now = parts.clock.now();
  // What was told by a clock that was ahead counts as never told.
  const isSilent = ({ lastUpdated }: Instance) =>
    lastUpdated <= now - parts.silence || lastUpdated > now + parts.silence;
  if (!isSilent(current)) return false;
  const steps = await stepsOf(instances, current);
  if (!isSilent(steps)) return false;
  const lanes = await laneProgress(parts, instances, current.input?.runId ?? '', steps.progress?.phase ?? '');
  return lanes.every(isSilent);
}

/** The orchestration of the run's steps, which says how far it is; before its first turn that of the run. */
async function stepsOf(instances: Instances, current: Instance): Promise<Instance> {
  return (await instances.status(idsOf(current.input?.runId ?? '').steps)) ?? current;
}

async function laneProgress(parts: RunsParts, instances: Instances, runId: string, phase: string): Promise<Instance[]> {
  if (phase !== 'members' && phase !== 'items') return [];
  const ids = Array.from({ length: parts.concurrency }, (_, lane) => idsOf(runId)[phase](lane));
  const found = await Promise.all(ids.map((id) => instances.status(id)));
  return found.filter((lane) => lane !== undefined);
}
