import { planName, planProgressName } from '../archive/layout.ts';
import type { RunStep } from '../backup/run.ts';
import type { Failure } from '../errors.ts';
import type { Restore } from '../restore/journal/restore.ts';
import type { BlobStore } from '../storage/blob-store.ts';
import { readJson, writeJson } from '../storage/json-blobs.ts';
import type { RestoreRequest } from './restores.ts';

/** What a plan was asked for. */
export type Asked = RestoreRequest | { undo: string };

/** A restore that was planned and not started. Plans lie where runs lay what they need meanwhile, for 14 days. */
export interface PlannedRestore {
  asked: Asked;
  restore: Restore;
  /** the plan that took its place when it was to start, for the portal had changed */
  newer?: string;
  /** why it could not be started */
  failure?: Failure;
}

/** A plan that takes longer than a request may, while it is made; `runId` is the restore's. */
export interface OpenPlan extends RunStep {
  asked: Asked;
  /** why it was not made */
  failure?: Failure;
}

/** How many items of a plan were looked at. */
export interface PlanProgress {
  done: number;
  total: number;
}

/** Keeps a plan until somebody starts it. */
export function keepPlan(store: BlobStore, planned: PlannedRestore): Promise<void> {
  return writeJson(store, planName(planned.restore.restoreId), planned);
}

/** Writes down what is to be planned, or why it was not. */
export function keepOpenPlan(store: BlobStore, plan: OpenPlan): Promise<void> {
  return writeJson(store, planName(plan.runId), plan);
}

/** A plan that nobody has started, or one that is being made; undefined where there is none of this id. @param restoreId of the form of one */
export async function readPlan(store: BlobStore, restoreId: string): Promise<PlannedRestore | OpenPlan | undefined> {
  const found = await readJson<PlannedRestore | OpenPlan>(store, planName(restoreId));
  if (found === undefined) return undefined;
  return (isPlanned(found) ? found.restore.restoreId : found.runId) === restoreId ? found : undefined;
}

/** Is it made? */
export function isPlanned(plan: PlannedRestore | OpenPlan): plan is PlannedRestore {
  return 'restore' in plan;
}

/** Says how far a plan is. */
export function tellPlanProgress(store: BlobStore, restoreId: string, progress: PlanProgress): Promise<void> {
  return writeJson(store, planProgressName(restoreId), progress);
}

/** How far a plan is; undefined while nobody has said so. */
export function readPlanProgress(store: BlobStore, restoreId: string): Promise<PlanProgress | undefined> {
  return readJson<PlanProgress>(store, planProgressName(restoreId));
}

/** Forgets a plan. */
export async function dropPlan(store: BlobStore, restoreId: string): Promise<void> {
  await store.delete(planName(restoreId));
  await store.delete(planProgressName(restoreId));
}
