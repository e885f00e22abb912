import type { RunInput } from '../backup/run.ts';
import type { RunRecord, RunRequest } from '../backup/run.ts';
import type { Clock } from '../clock.ts';
import { BackupError, toFailure, type Failure } from '../errors.ts';
import { newRunId, startOf } from '../archive/runs/run-history.ts';
import { idsOf } from './instance-ids.ts';
import type { Instance, Instances } from './instances.ts';

/** How often a run that is being ended, or started, is looked at before it is given up, once a second. */
const mostLooks = 60;

/** ms for which Durable keeps what it knows of a run that has ended; its record says the same for years. */
const memory = 14 * 86_400_000;

/** One fixed id, so that never two runs are under way. */
export const singleton = 'ago-backup';

/** A run as GET /api/backups/{id} answers it. */
export type RunStatus =
  | { runId: string; status: 'running'; phase: string; done: number; total: number; failed: number; started: number }
  | ({ status: RunRecord['outcome']; phase: 'end'; done: number; total: number } & RunRecord);

/** What starting and watching runs needs. */
export interface RunsDeps {
  clock: Clock;
  random: () => string;
  /** ms of silence after which a run is dead */
  silence: number;
  concurrency: number;
  readRecord(runId: string): Promise<RunRecord | undefined>;
  /** what is said of a run that has ended without a record */
  lostRecord(runId: string, error: Failure): RunRecord;
  /** ids of the runs that ended, newest first */
  endedRuns(most: number): Promise<string[]>;
  /** writes the record of a run that ended without one, and pings; how the run ended by the record that counts */
  recordEnd(runId: string, started: number, error: BackupError): Promise<string>;
}

/**
 * Starts a run, unless one is under way. A run that has been silent for too long is ended first and reported, and so is one
 * that ended without a word.
 */
export async function startRun(
  deps: RunsDeps,
  instances: Instances,
  request: RunRequest,
): Promise<{ started: boolean; runId: string }> {
  const current = await instances.status(singleton);
  if (current?.input !== undefined) {
    const { runId } = current.input;
    if (!current.running) await ifStoreAnswers(reportSilentEnd(deps, current));
    else if (await isDead(deps, instances, current)) await replace(deps, instances, current.input);
    else return { started: false, runId };
  }
  const started = deps.clock.now();
  const runId = newRunId(started, deps.random());
  const isAccepted = await instances.start('backup', singleton, { runId, started, request });
  const first = (await firstOf(deps, instances)) ?? runId;
  return { started: isAccepted && first === runId, runId: first };
}

async function replace(deps: RunsDeps, instances: Instances, { runId, started }: RunInput): Promise<void> {
  await endRun(deps, instances, runId, started, new BackupError('RUN_DEAD', 'The run stopped without a word.'));
  await hasEnded(deps, instances, runId);
}

/**
 * The run that really begins: of several starts at one moment Durable accepts more than one, and makes one run of them. Which
 * one stands there once it has begun.
 */
async function firstOf({ clock }: RunsDeps, instances: Instances): Promise<string | undefined> {
  for (let look = 0; ; look++) {
    const current = await instances.status(singleton);
    if (current?.pending !== true || look === mostLooks) return current?.input?.runId;
    await clock.sleep(1000);
  }
}

/** Lets Durable forget runs that ended long ago: it keeps every message of them until it is told to. */
export async function forgetOldRuns({ clock }: Pick<RunsDeps, 'clock'>, instances: Instances): Promise<void> {
  await instances.purge(clock.now() - memory);
}

/** Starts a verification of the archive; false while one is under way. */
export async function startVerify(
  { clock, random }: Pick<RunsDeps, 'clock' | 'random'>,
  instances: Instances,
): Promise<boolean> {
  const started = clock.now();
  return instances.start('verify', `${singleton}-verify`, { runId: newRunId(started, random()), started });
}

/** The state of one run; undefined for an id that never was. */
export async function statusOf(deps: RunsDeps, instances: Instances, runId: string): Promise<RunStatus | undefined> {
  if (!isRunId(runId)) return undefined;
  return statusBeside(deps, instances, await instances.status(singleton), runId);
}

// A run counts as ended when its orchestration has: only then can the next one be started. Until then the store is not asked.
async function statusBeside(
  deps: RunsDeps,
  instances: Instances,
  current: Instance | undefined,
  runId: string,
): Promise<RunStatus | undefined> {
  const own = current?.input?.runId === runId ? current : undefined;
  if (own?.running === true) return underWay(deps, instances, own, runId);
  const record = (await deps.readRecord(runId)) ?? (own && (await reportSilentEnd(deps, own)));
  return record && ended(record);
}

async function underWay(deps: RunsDeps, instances: Instances, own: Instance, runId: string): Promise<RunStatus> {
  const { phase = 'begin', total = 0 } = (await stepsOf(instances, own)).progress ?? {};
  const lanes = await lanesOf(deps, instances, runId, phase);
  const sum = (what: 'done' | 'failed') => lanes.reduce((all, { progress }) => all + (progress?.[what] ?? 0), 0);
  const started = own.input?.started ?? startOf(runId);
  return { runId, status: 'running', phase, done: sum('done'), total, failed: sum('failed'), started };
}

/** The latest runs, the running one first. */
export async function recentRuns(deps: RunsDeps, instances: Instances, most = 30): Promise<RunStatus[]> {
  const current = await instances.status(singleton);
  const ids = await deps.endedRuns(most);
  const runId = current?.input?.runId;
  if (runId !== undefined && !ids.includes(runId)) ids.unshift(runId);
  const found = await Promise.all(ids.map((id) => statusBeside(deps, instances, current, id)));
  return found.filter((status) => status !== undefined);
}

/**
 * Ends a run that is under way; how it has ended then, which is as it would have if it was at its end. Undefined when this run
 * is not under way.
 */
export async function cancelRun(deps: RunsDeps, instances: Instances, runId: string): Promise<string | undefined> {
  const current = await instances.status(singleton);
  if (current?.running !== true || current.input?.runId !== runId) return undefined;
  const error = new BackupError('RUN_CANCELLED', 'The run was cancelled by an operator.');
  return endRun(deps, instances, runId, current.input.started, error);
}

/**
 * A run that has ended and may have no record: Durable failed it, or somebody ended it in the portal of Azure. What it said
 * itself it has pinged as well; otherwise this is the moment when it is noticed. The record that counts.
 */
async function reportSilentEnd(deps: RunsDeps, { input, error }: Instance): Promise<RunRecord | undefined> {
  if (input === undefined) return undefined;
  const { runId, started } = input;
  // It may have ended since its record was looked for.
  const record = await deps.readRecord(runId);
  if (record !== undefined) return record;
  const said = toFailure(new Error(error));
  if (said.code !== 'INTERNAL') return deps.lostRecord(runId, said);
  const silent = new BackupError('RUN_DEAD', 'The run was ended from outside, without a word.');
  await deps.recordEnd(runId, started, silent);
  return (await deps.readRecord(runId)) ?? deps.lostRecord(runId, silent.toJSON());
}

/** A store that does not answer must keep no run from beginning: it says so with a ping. */
async function ifStoreAnswers(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof BackupError && error.code.startsWith('STORE_'))) throw error;
  }
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
async function hasEnded({ clock }: RunsDeps, instances: Instances, runId: string): Promise<void> {
  for (let look = 0; look < mostLooks && (await isUnderWay(instances, runId)); look++) await clock.sleep(1000);
}

// Azure does not end sub-orchestrations with their parent. Steps and lanes are ended here; an export under way is left to
// delete its temporary item. The record comes first: with it there, nothing of this run can publish any more. And a run that
// has published already is left to its end.
async function endRun(deps: RunsDeps, instances: Instances, runId: string, started: number, error: BackupError) {
  const outcome = await deps.recordEnd(runId, started, error);
  if (error.code === 'RUN_CANCELLED' && outcome !== 'cancelled') return outcome;
  if (await isUnderWay(instances, runId)) await instances.terminate(singleton, error.code);
  const ids = idsOf(runId);
  await instances.terminate(ids.steps, error.code);
  for (let lane = 0; lane < deps.concurrency; lane++) {
    await instances.terminate(ids.members(lane), error.code);
    await instances.terminate(ids.items(lane), error.code);
  }
  return outcome;
}

async function isDead(deps: RunsDeps, instances: Instances, current: Instance): Promise<boolean> {
  const now = deps.clock.now();
  // What was told by a clock that was ahead counts as never told.
  const isSilent = ({ lastUpdated }: Instance) => lastUpdated <= now - deps.silence || lastUpdated > now + deps.silence;
  if (!isSilent(current)) return false;
  const steps = await stepsOf(instances, current);
  if (!isSilent(steps)) return false;
  const lanes = await lanesOf(deps, instances, current.input?.runId ?? '', steps.progress?.phase ?? 'begin');
  return lanes.every(isSilent);
}

/** The orchestration of the run's steps, which says how far it is; before its first turn that of the run. */
async function stepsOf(instances: Instances, current: Instance): Promise<Instance> {
  return (await instances.status(idsOf(current.input?.runId ?? '').steps)) ?? current;
}

/** The lanes of a phase; those of the items still show what they came to when the run is at its end. */
async function lanesOf(deps: RunsDeps, instances: Instances, runId: string, phase: string): Promise<Instance[]> {
  if (phase === 'begin') return [];
  const idOf = phase === 'members' ? idsOf(runId).members : idsOf(runId).items;
  const found = await Promise.all(Array.from({ length: deps.concurrency }, (_, lane) => instances.status(idOf(lane))));
  return found.filter((lane) => lane !== undefined);
}
