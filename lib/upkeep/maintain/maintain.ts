import { indexName } from '../../archive/layout.ts';
import { updateIndex } from '../../history/index/update.ts';
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
}

/** What `tidyUp` would do now; changes nothing. */
export async function planTidyUp(deps: MaintainDeps): Promise<MaintenancePlan> {
  const sized = ({ name, size }: Sized) => ({ name, size });
  const merge = (await planMerge(deps.store)).map(sized);
  const options = await needed(deps);
  const leftovers = [...(await findLeftovers(deps.store, options)), ...(await findUnproven(deps.store, options))];
  return { merge, delete: leftovers.map(sized) };
}

/**
 * Adds to the history index what is new, merges packs when there are many, deletes leftovers older than 14 days; what only these have is packed anew before. May be
 * run beside a backup, and again.
 */
export async function tidyUp(deps: MaintainDeps): Promise<void> {
  // First, while what is new lies in a pack of its own.
  await updateIndex(deps);
  await mergePacks(deps.store, deps);
  const options = await needed(deps);
  await salvageLeftovers(deps.store, options, deps.random);
  await sweep(deps.store, options);
}

/** The derived indexes that the latest commit leads to. */
async function needed({ repository, clock }: MaintainDeps) {
  const trees = await memberTrees({ repository }, await repository.head());
  return { clock, repository, liveIndexes: new Set([...trees.values()].map(indexName)) };
}
