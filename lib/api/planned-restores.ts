import { planName } from '../archive/layout.ts';
import type { Restore } from '../restore/journal/journal.ts';
import type { BlobStore } from '../storage/blob-store.ts';
import { readJson, writeJson } from '../storage/json-blobs.ts';
import type { RestoreRequest } from './restores.ts';

/** What a plan was asked for. */
export type Asked = RestoreRequest | { undo: string };

/** A restore that was planned and not started. Plans lie where runs lay what they need meanwhile, for 14 days. */
export interface PlannedRestore {
  asked: Asked;
  restore: Restore;
}

/** Keeps a plan until somebody starts it. */
export function keepPlan(store: BlobStore, planned: PlannedRestore): Promise<void> {
  return writeJson(store, planName(planned.restore.restoreId), planned);
}

/** A plan that nobody has started; undefined where there is none of this id. @param restoreId of the form of one */
export async function readPlan(store: BlobStore, restoreId: string): Promise<PlannedRestore | undefined> {
  const found = await readJson<PlannedRestore>(store, planName(restoreId));
  return found?.restore.restoreId === restoreId ? found : undefined;
}

/** Forgets a plan. */
export function dropPlan(store: BlobStore, restoreId: string): Promise<unknown> {
  return store.delete(planName(restoreId));
}
