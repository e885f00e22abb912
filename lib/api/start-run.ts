import { newRunId } from '../archive/runs/run-history.ts';
import type { RunHolder } from '../archive/runs/run-holder.ts';
import type { RunInput, RunRequest } from '../backup/run.ts';
import { BackupError } from '../errors.ts';
import { endRun, hasEnded } from './end-run.ts';
import type { Instance, Instances } from './instances.ts';
import { lanesOf, stepsOf } from './lanes.ts';
import { mostLooks, oneRestore, singleton, type RunsDeps } from './runs.ts';
import { reportSilentEnd } from './silent-end.ts';

/** ms for which Durable keeps what it knows of a run that has ended; its record says the same for years. */
const memory = 14 * 86_400_000;

/** What came of a start: the run that has begun, or the one that is under way, which may be another host's. */
export interface Started {
  started: boolean;
  runId: string;
  other?: RunHolder;
  /** it is a restore of this host that is under way */
  is?: 'restore';
}

/**
 * Starts a run, unless one is under way, here or on another host. A run that has been silent for too long is ended first and
 * reported, and so is one that ended without a word. Of two hosts that start at one moment the archive lets one go on.
 */
export async function startRun(deps: RunsDeps, instances: Instances, request: RunRequest): Promise<Started> {
  const current = await instances.status(singleton);
  if (current?.input !== undefined) {
    const { runId } = current.input;
    if (!current.running) await ifStoreAnswers(reportSilentEnd(deps, current));
    else if (await isDead(deps, instances, current)) await replace(deps, instances, current.input);
    else return { started: false, runId };
  }
  const restore = await instances.status(oneRestore);
  if (restore?.running === true && restore.input !== undefined)
    return { started: false, runId: restore.input.runId, is: 'restore' };
  const other = await ifStoreAnswers(deps.elsewhere());
  if (other !== undefined) return { started: false, runId: other.runId, other };
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

/** A store that does not answer must keep no run from beginning: it says so with a ping. */
async function ifStoreAnswers<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof BackupError && error.code.startsWith('STORE_'))) throw error;
    return undefined;
  }
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
