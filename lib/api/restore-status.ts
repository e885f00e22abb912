import type { Clock } from '../clock.ts';
import { BackupError, type Failure } from '../errors.ts';
import type { Journal } from '../restore/journal/journal.ts';
import type { Restore } from '../restore/journal/restore.ts';
import { progressIn, type RestoreProgress } from '../restore/journal/progress.ts';
import type { Plan, RestoreResult } from '../restore/words.ts';
import type { PlannedRestore, PlanProgress } from './planned-restores.ts';

interface Named {
  restoreId: string;
  /** when it was planned, ISO 8601 */
  started: string;
  /** the restore that it takes back */
  undoes: string | null;
}

/**
 * A plan that waits for somebody to start it; `newer` is the one that took its place, for the portal had changed; `error` says why it could
 * not be started.
 */
export type PlannedStatus = Named & { state: 'planned'; plan: Plan; newer?: string; error?: Failure };

/** A plan that is being made, or is looked at once more before it starts: `done` of `total` items were looked at. */
export type PlanningStatus = Named & { state: 'planning' } & PlanProgress;

/** A restore as GET /api/restores/{id} answers it; `where` names the other host that makes it. */
export type RestoreStatus =
  | PlannedStatus
  | PlanningStatus
  | (Named & { state: 'unplanned'; error: Failure })
  | (Named & { state: 'running'; where?: string; secondsSilent: number } & RestoreProgress)
  | (Named & { state: 'stopped'; error: Failure; plan: Plan } & RestoreProgress)
  | (Named & { state: RestoreResult['outcome']; plan: Plan } & RestoreResult);

function named({ restoreId, started, undoes }: Pick<Restore, 'restoreId' | 'started' | 'undoes'>): Named {
  return { restoreId, started: new Date(started).toISOString(), undoes };
}

/** One that waits. */
export function statusOfPlan({ restore, newer, failure }: PlannedRestore): PlannedStatus {
  const more = { ...(newer !== undefined && { newer }), ...(failure !== undefined && { error: failure }) };
  return { ...named(restore), state: 'planned', plan: restore.plan, ...more };
}

/** One that is being planned. */
export function statusOfPlanning(
  restore: Pick<Restore, 'restoreId' | 'started' | 'undoes'>,
  progress: PlanProgress = { done: 0, total: 0 },
): PlanningStatus {
  return { ...named(restore), state: 'planning', ...progress };
}

/** One that could not be planned. */
export function statusOfUnplanned(
  restore: Pick<Restore, 'restoreId' | 'started' | 'undoes'>,
  error: Failure,
): RestoreStatus {
  return { ...named(restore), state: 'unplanned', error };
}

/** One that is under way. */
export function statusOfRunning(clock: Clock, { restore, entries, standing }: Journal, where?: string): RestoreStatus {
  const progress = progressIn(restore, entries, standing);
  const secondsSilent = Math.max(0, Math.round((clock.now() - (entries.at(-1)?.at ?? restore.started)) / 1000));
  return { ...named(restore), state: 'running', ...(where !== undefined && { where }), ...progress, secondsSilent };
}

/** One on which nobody works: it is at its end, or was stopped or killed. */
export function statusOfEnded({ restore, entries, standing }: Journal): RestoreStatus {
  const { result, stopped } = standing;
  const { plan } = restore;
  if (entries.at(-1)?.kind === 'ended' && result !== null)
    return { ...named(restore), state: result.outcome, plan, ...result };
  const error = stopped ?? new BackupError('RESTORE_STOPPED', 'The restore ended without a word.').toJSON();
  return { ...named(restore), state: 'stopped', error, plan, ...progressIn(restore, entries, standing) };
}
