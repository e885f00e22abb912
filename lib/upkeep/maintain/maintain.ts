import { readHold } from '../../archive/legal-hold.ts';
import { indexName } from '../../archive/layout.ts';
import { updateIndex } from '../../history/index/update.ts';
import { fold, type Retention } from '../retain/fold.ts';
import { letGo } from '../retain/let-go.ts';
import { planRetention, type RetentionPlan } from '../retain/plan.ts';
import { mergePacks, planMerge } from './merge-packs.ts';
import { findLeftovers, findUnproven, salvageLeftovers, sweep } from './sweep.ts';
import { memberTrees } from '../../archive/member-trees.ts';
import type { Archive } from '../../archive/archive.ts';
import type { Clock } from '../../clock.ts';

/** What maintenance needs. */
export interface MaintainDeps extends Archive {
  clock: Clock;
  /** 40 fresh hex digits */
  random: () => string;
  /** none = every commit stays for ever */
  retention?: Retention | undefined;
}

/** A blob, with its bytes counted. */
export interface Sized {
  name: string;
  /** bytes */
  size: number;
}

/** What maintenance would do. */
export interface MaintenancePlan {
  /** packs that become one */
  merge: Sized[];
  /** blobs that nothing needs any more */
  delete: Sized[];
  /** null where every commit is kept for ever */
  retention: RetentionPlan | null;
}

/** What `tidyUp` would do now; changes nothing. */
export async function planTidyUp(deps: MaintainDeps): Promise<MaintenancePlan> {
  const sized = ({ name, size }: Sized) => ({ name, size });
  const merge = (await planMerge(deps.store)).map(sized);
  const options = await needed(deps);
  const leftovers = [...(await findLeftovers(deps.store, options)), ...(await findUnproven(deps.store, options))];
  const retention = deps.retention === undefined ? null : await planRetention(deps, deps.retention);
  return { merge, delete: leftovers.map(sized), retention };
}

/**
 * Adds to the history index what is new, thins history out where that is wanted, merges packs when there are many, deletes leftovers older than 14 days; what only these have is packed anew before. May be
 * run beside a backup, and again.
 */
export async function tidyUp(deps: MaintainDeps): Promise<void> {
  // First, while what is new lies in a pack of its own.
  await updateIndex(deps);
  if (deps.retention !== undefined && (await fold(deps, deps.retention)) > 0) await updateIndex(deps);
  if (deps.retention !== undefined) await letGo(deps);
  await mergePacks(deps.store, deps);
  const options = await needed(deps);
  await salvageLeftovers(deps.store, options, deps.random);
  await sweep(deps.store, options);
}

/** The derived indexes that the latest commit leads to, and what may go. */
async function needed({ store, repository, clock, retention }: MaintainDeps) {
  const isHeld = (await readHold(store)) !== undefined;
  const trees = await memberTrees({ repository }, await repository.head());
  const liveIndexes = new Set([...trees.values()].map(indexName));
  return { clock, repository, liveIndexes, letsGo: retention !== undefined && !isHeld, isHeld };
}
