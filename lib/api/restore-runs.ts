import type { DurableClient } from 'durable-functions';
import { newRunId } from '../archive/runs/run-history.ts';
import type { RunHolder } from '../archive/runs/run-holder.ts';
import type { Clock } from '../clock.ts';
import { BackupError, isCode, type Failure } from '../errors.ts';
import { Journal, type Restore, type RestoreSummary } from '../restore/journal/journal.ts';
import { progressIn, type RestoreProgress } from '../restore/journal/progress.ts';
import { isSameWork } from '../restore/plan/same-work.ts';
import type { Plan, RestoreResult } from '../restore/words.ts';
import type { BlobStore } from '../storage/blob-store.ts';
import { instancesOf, type Instances } from './instances.ts';
import { dropPlan, keepPlan, readPlan, type Asked, type PlannedRestore } from './planned-restores.ts';
import type { RestoreRequest, Restores } from './restores.ts';
import { isRunId } from './run-status.ts';
import { mostLooks, oneRestore, singleton } from './runs.ts';

/** Items of a restore that is planned over HTTP, where an answer must come within minutes. */
export const mostPlanned = 200;

interface Named {
  restoreId: string;
  /** when it was planned, ISO 8601 */
  started: string;
  /** the restore that it takes back */
  undoes: string | null;
}

/** A plan that waits for somebody to start it. */
export type PlannedStatus = Named & { state: 'planned'; plan: Plan };

/** A restore as GET /api/restores/{id} answers it; `where` names the other host that makes it. */
export type RestoreStatus =
  | PlannedStatus
  | (Named & { state: 'running'; where?: string; secondsSilent: number } & RestoreProgress)
  | (Named & { state: 'stopped'; error: Failure; plan: Plan } & RestoreProgress)
  | (Named & { state: RestoreResult['outcome']; plan: Plan } & RestoreResult);

/** What became of a start: the restore is under way, or at its end already; or the plan did not fit any more, and this one does. */
export type StartedRestore = { restore: RestoreStatus } | { stale: PlannedStatus };

/** Restores as the routes and the page call them. */
export interface RestoreRuns {
  /** Throws what `Restores.plan` throws. */
  plan(request: RestoreRequest): Promise<PlannedStatus>;
  /** Throws RESTORE_UNKNOWN, RESTORE_NOTHING, RUN_ACTIVE while it is under way. */
  planUndo(client: DurableClient, restoreId: string): Promise<PlannedStatus>;
  /** Starts what was planned, or goes on with what was stopped. Throws RESTORE_UNKNOWN, RESTORE_BLOCKED, RUN_ACTIVE. */
  start(client: DurableClient, restoreId: string): Promise<StartedRestore>;
  /** Throws RESTORE_UNKNOWN. */
  status(client: DurableClient, restoreId: string): Promise<RestoreStatus>;
  list(): Promise<RestoreSummary[]>;
  /** Starts a drill; false while a backup or a restore is under way. */
  startDrill(client: DurableClient, items: number): Promise<boolean>;
  /** No step begins any more; a plan is dropped. Undefined when the restore is not under way. Throws RESTORE_UNKNOWN. */
  stop(client: DurableClient, restoreId: string): Promise<'stopping' | 'dropped' | undefined>;
}

/** What the routes' restores need. */
export interface RestoreRunsParts {
  store: BlobStore;
  clock: Clock;
  /** 40 fresh hex digits */
  random: () => string;
  restores: Restores;
  /** who has the archive to themselves on any host, a restore of this host too */
  elsewhere(): Promise<RunHolder | undefined>;
  /** what somebody is told who must wait for them */
  active(holder: RunHolder): BackupError;
}

/** Opens the restores of an archive for the routes. */
export function openRestoreRuns(parts: RestoreRunsParts): RestoreRuns {
  const { store, restores } = parts;
  const followed = followJournals(parts);
  const isUnderWay = async (instances: Instances, restoreId: string) => {
    const current = await instances.status(oneRestore);
    return current?.running === true && current.input?.runId === restoreId;
  };
  const keep = async (planned: PlannedRestore) => {
    await keepPlan(store, planned);
    return statusOfPlan(planned.restore);
  };
  const planAgain = (asked: Asked) => ('undo' in asked ? restores.planUndo(asked.undo) : restores.plan(asked));
  const begin = async ({ asked, restore }: PlannedRestore): Promise<PlannedStatus | undefined> => {
    const now = await planAgain(asked);
    if (!isSameWork(restore, now)) return keep({ asked, restore: now });
    await restores.begin(restore);
    await dropPlan(store, restore.restoreId);
    return undefined;
  };
  const run = async (instances: Instances, { restoreId, started }: Restore) => {
    const isAccepted = await instances.start('restore', oneRestore, { runId: restoreId, started });
    const first = await firstOf(parts, instances);
    if (!isAccepted || first !== restoreId)
      throw new BackupError('RUN_ACTIVE', `Restore ${first ?? ''} is under way.`, { hint: 'Wait for its end.' });
  };
  const status = async (instances: Instances, restoreId: string): Promise<RestoreStatus> => {
    const journal = await followed(restoreId);
    if (journal === undefined) return statusOfPlan((await needPlan(store, restoreId)).restore);
    if (await isUnderWay(instances, restoreId)) return running(parts.clock, journal);
    const holder = await parts.elsewhere();
    if (holder?.runId === restoreId) return running(parts.clock, journal, holder.where);
    // It may have ended since its journal was read.
    await journal.follow();
    return ended(journal);
  };
  return {
    plan: async (request) => keep({ asked: request, restore: await restores.plan(request, mostPlanned) }),
    planUndo: async (client, restoreId) => {
      const { state } = await status(instancesOf(client), restoreId);
      if (state === 'planned') throw new BackupError('RESTORE_NOTHING', `Restore ${restoreId} was not started.`);
      if (state === 'running') throw new BackupError('RUN_ACTIVE', `Restore ${restoreId} is under way.`);
      return keep({ asked: { undo: restoreId }, restore: await restores.planUndo(restoreId) });
    },
    start: async (client, restoreId) => {
      const instances = instancesOf(client);
      const before = await status(instances, restoreId);
      if (before.state === 'running' || before.state === 'complete') return { restore: before };
      await refuseActive(parts, instances);
      if (before.state === 'planned') {
        const planned = await needPlan(store, restoreId);
        const stale = await begin(planned);
        if (stale !== undefined) return { stale };
      }
      const journal = await Journal.open(store, parts.clock, restoreId);
      if (journal.entries.length > 0) await journal.write({ kind: 'resumed' });
      await run(instances, journal.restore);
      return { restore: await status(instances, restoreId) };
    },
    status: (client, restoreId) => status(instancesOf(client), restoreId),
    list: () => restores.list(),
    startDrill: async (client, items) => {
      const instances = instancesOf(client);
      try {
        await refuseActive(parts, instances);
      } catch (error) {
        if (isCode(error, 'RUN_ACTIVE')) return false;
        throw error;
      }
      const started = parts.clock.now();
      return instances.start('drill', oneRestore, { runId: newRunId(started, parts.random()), started, items });
    },
    stop: async (client, restoreId) => {
      const { state } = await status(instancesOf(client), restoreId);
      if (state === 'planned') {
        await dropPlan(store, restoreId);
        return 'dropped';
      }
      if (state !== 'running') return undefined;
      const journal = await Journal.open(store, parts.clock, restoreId);
      await journal.stop(new BackupError('RESTORE_STOPPED', 'Somebody stopped the restore.').toJSON());
      return 'stopping';
    },
  };
}

/** Journals as they are now; of the one that was asked for last only what is new is read. */
function followJournals({ store, clock }: RestoreRunsParts): (restoreId: string) => Promise<Journal | undefined> {
  let last: Journal | undefined;
  return async (restoreId) => {
    if (last?.restore.restoreId === restoreId) {
      await last.follow();
      return last;
    }
    try {
      return (last = await Journal.open(store, clock, restoreId));
    } catch (error) {
      if (isCode(error, 'RESTORE_UNKNOWN')) return undefined;
      throw error;
    }
  };
}

async function needPlan(store: BlobStore, restoreId: string): Promise<PlannedRestore> {
  const planned = isRunId(restoreId) ? await readPlan(store, restoreId) : undefined;
  if (planned !== undefined) return planned;
  throw new BackupError('RESTORE_UNKNOWN', `There is no restore ${restoreId.slice(0, 50)}.`);
}

async function refuseActive(parts: RestoreRunsParts, instances: Instances): Promise<void> {
  const [backup, restore] = [await instances.status(singleton), await instances.status(oneRestore)];
  if (backup?.running === true) throw new BackupError('RUN_ACTIVE', `Run ${backup.input?.runId ?? ''} is under way.`);
  if (restore?.running === true)
    throw new BackupError('RUN_ACTIVE', `Restore ${restore.input?.runId ?? ''} is under way.`);
  const other = await parts.elsewhere();
  if (other !== undefined) throw parts.active(other);
}

/** Of several starts at one moment Durable accepts more than one, and makes one of them: which one, once it has begun. */
async function firstOf({ clock }: RestoreRunsParts, instances: Instances): Promise<string | undefined> {
  for (let look = 0; ; look++) {
    const current = await instances.status(oneRestore);
    if (current?.pending !== true || look === mostLooks) return current?.input?.runId;
    await clock.sleep(1000);
  }
}

function named({ restoreId, started, undoes }: Restore): Named {
  return { restoreId, started: new Date(started).toISOString(), undoes };
}

function statusOfPlan(restore: Restore): PlannedStatus {
  return { ...named(restore), state: 'planned', plan: restore.plan };
}

function running(clock: Clock, { restore, entries, standing }: Journal, where?: string): RestoreStatus {
  const progress = progressIn(restore, entries, standing);
  const secondsSilent = Math.max(0, Math.round((clock.now() - (entries.at(-1)?.at ?? restore.started)) / 1000));
  return { ...named(restore), state: 'running', ...(where !== undefined && { where }), ...progress, secondsSilent };
}

/** Nobody works on it: it is at its end, or was stopped or killed. */
function ended({ restore, entries, standing }: Journal): RestoreStatus {
  const { result, stopped } = standing;
  const { plan } = restore;
  if (entries.at(-1)?.kind === 'ended' && result !== null)
    return { ...named(restore), state: result.outcome, plan, ...result };
  const error = stopped ?? new BackupError('RESTORE_STOPPED', 'The restore ended without a word.').toJSON();
  return { ...named(restore), state: 'stopped', error, plan, ...progressIn(restore, entries, standing) };
}
