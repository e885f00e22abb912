import { newRunId } from '../archive/runs/run-history.ts';
import type { RunStep } from '../backup/run.ts';
import type { Clock } from '../clock.ts';
import { BackupError, toFailure } from '../errors.ts';
import { Journal } from '../restore/journal/journal.ts';
import type { Restore } from '../restore/journal/restore.ts';
import { isSameWork } from '../restore/plan/same-work.ts';
import type { BlobStore } from '../storage/blob-store.ts';
import type { Instances } from './instances.ts';
import {
  dropPlan,
  isPlanned,
  keepOpenPlan,
  keepPlan,
  readPlan,
  readPlanProgress,
  tellPlanProgress,
  type Asked,
  type OpenPlan,
  type PlannedRestore,
} from './planned-restores.ts';
import { TooMany, type RestoreRequest, type Restores } from './restores.ts';
import { statusOfPlan, statusOfPlanning, statusOfUnplanned } from './restore-status.ts';
import type { PlannedStatus, PlanningStatus, RestoreStatus } from './restore-status.ts';
import { isRunId } from './run-status.ts';

/** Items of a restore that is planned while somebody waits for the answer: within minutes. */
const usualAtOnce = 200;

/** ms between two notes of how far a plan is. */
const notes = 5000;

/** What planning needs. */
export interface PlansParts {
  store: BlobStore;
  clock: Clock;
  /** 40 fresh hex digits */
  random: () => string;
  /** for who waits */
  restores: Restores;
  /** for who does not */
  patient: Restores;
  /** items of a restore that is planned while somebody waits; 200 unless given */
  planAtOnce?: number;
}

/** Plans of restores: made at once, or by an orchestration where that takes longer than a request may. */
export interface RestorePlans {
  /** Throws what `Restores.plan` throws. */
  make(instances: Instances, request: RestoreRequest): Promise<PlannedStatus | PlanningStatus>;
  /** Throws what `Restores.planUndo` throws. */
  makeUndo(instances: Instances, restoreId: string): Promise<PlannedStatus | PlanningStatus>;
  /** An activity: makes the plan that was asked for, and keeps it, or why not. */
  makeOpen(step: RunStep): Promise<{ state: 'planned' | 'unplanned' | 'dropped' }>;
  /** Throws RESTORE_UNKNOWN. */
  status(instances: Instances, restoreId: string): Promise<RestoreStatus>;
  /** One that is looked at once more before it starts. Throws RESTORE_UNKNOWN. */
  lookingAgain(restoreId: string): Promise<RestoreStatus>;
  /** Is it looked at again by an activity before it starts? */
  isLarge(planned: PlannedRestore): boolean;
  /** Throws RESTORE_UNKNOWN. */
  need(restoreId: string): Promise<PlannedRestore>;
  /** Looks again whether a plan fits, and begins its journal then; else keeps the new plan. Throws RESTORE_BLOCKED. */
  begin(planned: PlannedRestore): Promise<PlannedStatus | undefined>;
  /** The same as an activity, which may be executed twice; of what was not begun the plan says why, or which one takes its place. */
  beginLarge(step: RunStep): Promise<{ begun: boolean }>;
}

/** Opens the plans of an archive. */
export function openRestorePlans({ store, clock, random, restores, patient, ...more }: PlansParts): RestorePlans {
  const { planAtOnce = usualAtOnce } = more;
  const keep = async (planned: PlannedRestore) => {
    await keepPlan(store, planned);
    return statusOfPlan(planned);
  };
  const again = (by: Restores, asked: Asked, tell?: Tell) =>
    'undo' in asked ? by.planUndo(asked.undo) : by.plan(asked, { ...(tell && { tell }) });
  /** The plan that fits now, where that is another one. */
  const changed = async ({ asked, restore }: PlannedRestore, now: Restore) => {
    return isSameWork(restore, now) ? undefined : keep({ asked, restore: now });
  };
  const later = async (instances: Instances, asked: Asked) => {
    const started = clock.now();
    const step = { runId: newRunId(started, random()), started };
    await keepOpenPlan(store, { ...step, asked });
    await instances.start('plan', planningOf(step.runId), step);
    return statusOfPlanning(nameOf({ ...step, asked }));
  };
  const need = async (restoreId: string) => {
    const planned = isRunId(restoreId) ? await readPlan(store, restoreId) : undefined;
    if (planned !== undefined) return planned;
    throw new BackupError('RESTORE_UNKNOWN', `There is no restore ${restoreId.slice(0, 50)}.`);
  };
  const needMade = async (restoreId: string) => {
    const found = await need(restoreId);
    if (isPlanned(found)) return found;
    const { code, message, hint } = found.failure ?? {
      code: 'RUN_ACTIVE',
      message: 'The plan is not made yet.',
      hint: '',
    };
    throw new BackupError(code, message, hint === '' ? {} : { hint });
  };
  return {
    make: async (instances, request) => {
      try {
        return await keep({ asked: request, restore: await restores.plan(request, { most: planAtOnce }) });
      } catch (error) {
        if (!(error instanceof TooMany)) throw error;
        return later(instances, request);
      }
    },
    makeUndo: async (instances, undo) => {
      const { restore } = await Journal.open(store, clock, undo);
      if (restore.plan.items.length > planAtOnce) return later(instances, { undo });
      return keep({ asked: { undo }, restore: await restores.planUndo(undo) });
    },
    makeOpen: async ({ runId, started }) => {
      const open = await readPlan(store, runId);
      if (open === undefined || isPlanned(open)) return { state: open === undefined ? 'dropped' : 'planned' };
      try {
        const made = await again(patient, open.asked, noting({ store, clock }, runId));
        const restore = { ...made, restoreId: runId, started, plan: { ...made.plan, planId: runId } };
        // Somebody may have dropped it meanwhile.
        if ((await readPlan(store, runId)) === undefined) return { state: 'dropped' };
        await keepPlan(store, { asked: open.asked, restore });
        return { state: 'planned' };
      } catch (error) {
        if (!(error instanceof BackupError)) throw error;
        await keepOpenPlan(store, { ...open, failure: toFailure(error) });
        return { state: 'unplanned' };
      }
    },
    status: async (instances, restoreId) => {
      const found = await need(restoreId);
      if (isPlanned(found)) return statusOfPlan(found);
      const name = nameOf(found);
      if (found.failure !== undefined) return statusOfUnplanned(name, found.failure);
      const planning = await instances.status(planningOf(restoreId));
      if (planning?.running === true) return statusOfPlanning(name, await readPlanProgress(store, restoreId));
      return endedStatus(await need(restoreId), name, planning?.error);
    },
    lookingAgain: async (restoreId) => {
      const { restore } = await needMade(restoreId);
      const total = restore.plan.items.length;
      return statusOfPlanning(restore, (await readPlanProgress(store, restoreId)) ?? { done: 0, total });
    },
    isLarge: ({ restore }) => restore.plan.items.length > planAtOnce,
    need: needMade,
    begin: async (planned) => {
      const stale = await changed(planned, await again(restores, planned.asked));
      if (stale !== undefined) return stale;
      await restores.begin(planned.restore);
      await dropPlan(store, planned.restore.restoreId);
      return undefined;
    },
    beginLarge: async ({ runId }) => {
      const found = await readPlan(store, runId);
      // It was executed before.
      if (found === undefined) {
        await Journal.open(store, clock, runId);
        return { begun: true };
      }
      const { asked, restore } = await needMade(runId);
      try {
        const stale = await changed({ asked, restore }, await again(patient, asked, noting({ store, clock }, runId)));
        if (stale !== undefined) {
          await keepPlan(store, { asked, restore, newer: stale.restoreId });
          return { begun: false };
        }
        await patient.begin(restore);
      } catch (error) {
        if (!(error instanceof BackupError)) throw error;
        await keepPlan(store, { asked, restore, failure: toFailure(error) });
        return { begun: false };
      }
      await dropPlan(store, runId);
      return { begun: true };
    },
  };
}

function nameOf({ runId: restoreId, started, asked }: OpenPlan): Pick<Restore, 'restoreId' | 'started' | 'undoes'> {
  return { restoreId, started, undoes: 'undo' in asked ? asked.undo : null };
}

type Tell = (done: number, total: number) => Promise<void>;

/** Writes down now and then how far a plan is. */
function noting({ store, clock }: Pick<PlansParts, 'store' | 'clock'>, restoreId: string): Tell {
  let noted = -Infinity;
  return async (done, total) => {
    if (clock.now() - noted < notes) return;
    noted = clock.now();
    await tellPlanProgress(store, restoreId, { done, total });
  };
}

/** The instance that makes a plan. */
export const planningOf = (restoreId: string) => `${restoreId}-plan`;

/** Nobody makes it any more: it was made since somebody looked, or never will be. */
function endedStatus(
  found: PlannedRestore | OpenPlan,
  name: Parameters<typeof statusOfUnplanned>[0],
  error: string | undefined,
): RestoreStatus {
  if (isPlanned(found)) return statusOfPlan(found);
  const why =
    error === undefined ? new BackupError('RUN_DEAD', 'Planning ended without a word.', retry) : new Error(error);
  return statusOfUnplanned(name, found.failure ?? toFailure(why));
}

const retry = { hint: 'Plan it again.' };
