import { toFailure } from '../../errors.ts';
import { indexName } from '../../archive/layout.ts';
import { mergePacks, planMerge } from './merge-packs.ts';
import { findLeftovers, findUnproven, salvageLeftovers, sweep } from './sweep.ts';
import { memberTrees } from '../../archive/member-trees.ts';
import type { Deps } from '../../run/deps.ts';
import { warn } from '../../archive/run-record.ts';

/** What maintenance needs. */
export type Maintained = Pick<Deps, 'store' | 'repository' | 'clock' | 'random'>;

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
export async function planTidyUp(parts: Maintained): Promise<MaintenancePlan> {
  const sized = ({ name, size }: Sized) => ({ name, size });
  const merge = (await planMerge(parts.store)).map(sized);
  const options = await needed(parts);
  const leftovers = [...(await findLeftovers(parts.store, options)), ...(await findUnproven(parts.store, options))];
  return { merge, delete: leftovers.map(sized) };
}

/**
 * Merges packs when there are many, deletes leftovers older than 14 days; what only these have is packed anew before. May be
 * run beside a backup, and again.
 */
export async function tidyUp(parts: Maintained): Promise<void> {
  await mergePacks(parts.store, parts);
  const options = await needed(parts);
  await salvageLeftovers(parts.store, options, parts.random);
  await sweep(parts.store, options);
}

/**
 * Keeps the store small after a commit. The backup is done by then, so trouble here is a warning in the run record and no
 * failure.
 */
export async function maintain(parts: Deps, runId: string): Promise<void> {
  try {
    await tidyUp(parts);
  } catch (error) {
    const { code, message } = toFailure(error);
    await warn(
      parts.store,
      runId,
      `The archive could not be tidied up (${code}: ${message}); the next run tries again.`,
    );
  }
}

/** The derived indexes that the latest commit leads to. */
async function needed({ repository, clock }: Maintained) {
  const trees = await memberTrees({ repository }, await repository.head());
  return { clock, repository, liveIndexes: new Set([...trees.values()].map(indexName)) };
}
