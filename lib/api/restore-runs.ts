import type { DurableClient } from 'durable-functions';
import { newRunId } from '../archive/runs/run-history.ts';
import type { RunHolder } from '../archive/runs/run-holder.ts';
import type { RunStep } from '../backup/run.ts';
import { BackupError, isCode } from '../errors.ts';
import { Journal } from '../restore/journal/journal.ts';
import type { Restore } from '../restore/journal/restore.ts';
import type { RestoreSummary } from '../restore/journal/list.ts';
import { instancesOf, type Instances } from './instances.ts';
import { dropPlan } from './planned-restores.ts';
import { openRestorePlans, type PlansParts } from './restore-plans.ts';
import {
  statusOfEnded,
  statusOfPlan,
  statusOfRunning,
  type PlannedStatus,
  type PlanningStatus,
  type RestoreStatus,
} from './restore-status.ts';
import type { RestoreRequest } from './restores.ts';
import { mostLooks, oneRestore, singleton } from './runs.ts';

/** What became of a start: the restore is under way, or at its end already; or the plan did not fit any more, and this one does. */
export type StartedRestore = { restore: RestoreStatus } | { stale: PlannedStatus };

/** Restores as the routes and the page call them. */
export interface RestoreRuns {
  /** At once, or by an orchestration where that takes longer than a request may. Throws what `Restores.plan` throws. */
  plan(client: DurableClient, request: RestoreRequest): Promise<PlannedStatus | PlanningStatus>;
  /** Throws RESTORE_UNKNOWN, RESTORE_NOTHING, RUN_ACTIVE while it is under way. */
  planUndo(client: DurableClient, restoreId: string): Promise<PlannedStatus | PlanningStatus>;
  /** Starts what was planned, or goes on with what was stopped. Throws RESTORE_UNKNOWN, RESTORE_BLOCKED, RUN_ACTIVE. */
  start(client: DurableClient, restoreId: string): Promise<StartedRestore>;
  /** Throws RESTORE_UNKNOWN. */
  status(client: DurableClient, restoreId: string): Promise<RestoreStatus>;
  list(): Promise<RestoreSummary[]>;
  /** An activity: makes a plan that takes long. */
  makePlan(step: RunStep): Promise<{ state: string }>;
  /** An activity: looks again at a large plan that is to start, and begins its journal. */
  beginPlan(step: RunStep): Promise<{ begun: boolean }>;
  /** Starts a drill; false while a backup or a restore is under way. */
  startDrill(client: DurableClient, items: number): Promise<boolean>;
  /** No step begins any more; a plan is dropped. Undefined when the restore is not under way. Throws RESTORE_UNKNOWN. */
  stop(client: DurableClient, restoreId: string): Promise<'stopping' | 'dropped' | undefined>;
}

/** What the routes' restores need. */
export interface RestoreRunsParts extends PlansParts {
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
  const plans = openRestorePlans(parts);
  const run = async (instances: Instances, { restoreId, started }: Restore, isPlan = false) => {
    const input = { runId: restoreId, started, ...(isPlan && { isPlan }) };
    const isAccepted = await instances.start('restore', oneRestore, input);
    const first = await firstOf(parts, instances);
    if (!isAccepted || first !== restoreId)
      throw new BackupError('RUN_ACTIVE', `Restore ${first ?? ''} is under way.`, { hint: 'Wait for its end.' });
  };
  const status = async (instances: Instances, restoreId: string): Promise<RestoreStatus> => {
    const journal = await followed(restoreId);
    const isOurs = await isUnderWay(instances, restoreId);
    if (journal === undefined && isOurs) return plans.lookingAgain(restoreId);
    if (journal === undefined) return plans.status(instances, restoreId);
    if (isOurs) return statusOfRunning(parts.clock, journal);
    const holder = await parts.elsewhere();
    if (holder?.runId === restoreId) return statusOfRunning(parts.clock, journal, holder.where);
    // It may have ended since its journal was read.
    await journal.follow();
    return statusOfEnded(journal);
  };
  return {
    plan: (client, request) => plans.make(instancesOf(client), request),
    planUndo: async (client, restoreId) => {
      const { state } = await status(instancesOf(client), restoreId);
      if (state === 'planned' || state === 'planning' || state === 'unplanned')
        throw new BackupError('RESTORE_NOTHING', `Restore ${restoreId} was not started.`);
      if (state === 'running') throw new BackupError('RUN_ACTIVE', `Restore ${restoreId} is under way.`);
      return plans.makeUndo(instancesOf(client), restoreId);
    },
    start: async (client, restoreId) => {
      const instances = instancesOf(client);
      const before = await status(instances, restoreId);
      if (before.state === 'running' || before.state === 'complete') return { restore: before };
      await refuseActive(parts, instances);
      if (before.state === 'planned' || before.state === 'planning' || before.state === 'unplanned') {
        const planned = await plans.need(restoreId);
        if (planned.newer !== undefined) return { stale: statusOfPlan(await plans.need(planned.newer)) };
        if (plans.isLarge(planned)) {
          await run(instances, planned.restore, true);
          return { restore: await status(instances, restoreId) };
        }
        const stale = await plans.begin(planned);
        if (stale !== undefined) return { stale };
      }
      const journal = await Journal.open(store, parts.clock, restoreId);
      if (journal.entries.length > 0) await journal.write({ kind: 'resumed' });
      await run(instances, journal.restore);
      return { restore: await status(instances, restoreId) };
    },
    status: (client, restoreId) => status(instancesOf(client), restoreId),
    makePlan: (step) => plans.makeOpen(step),
    beginPlan: (step) => plans.beginLarge(step),
    list: async () => {
      try {
        return await restores.list();
      } catch (error) {
        // A container that the first run has yet to make holds none.
        if (isCode(error, 'STORE_MISSING')) return [];
        throw error;
      }
    },
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
      if (state === 'planned' || state === 'planning' || state === 'unplanned') {
        if (await isUnderWay(instancesOf(client), restoreId))
          throw new BackupError('RUN_ACTIVE', `Restore ${restoreId} is about to begin.`);
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
