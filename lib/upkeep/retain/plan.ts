import type { Archive } from '../../archive/archive.ts';
import { readHold } from '../../archive/legal-hold.ts';
import type { Clock } from '../../clock.ts';
import { branch } from '../../git/layout.ts';
import { readNames } from '../../git/reachable.ts';
import { chooseRelease, releaseAfter } from './let-go.ts';
import { readReleases } from './releases.ts';
import { findWaste } from './waste.ts';
import { planFold, type FoldPlan, type Retention } from './fold.ts';

/** What retention would do now. */
export interface RetentionPlan {
  /** BACKUP_KEEP */
  keepDays: number;
  /** what stops it */
  hold: { reason: string; since: string } | null;
  /** commits that go: the trees of those that stay are untouched */
  folded: number;
  /** the months with commits that go, oldest first */
  months: FoldedMonth[];
  /** what then goes with them, and with those that went lately; null where nothing does */
  frees: Freed | null;
}

/** What nothing leads to any more once the commits are gone. */
export interface Freed {
  /** of packs */
  bytes: number;
  /** Git LFS objects */
  large: { name: string; size: number }[];
  /** not before, ISO 8601 */
  after: string;
}

/** A month with commits that go. */
export interface FoldedMonth {
  /** `2025-01` */
  month: string;
  commits: number;
  /** ids, as they are now, of those that stay */
  kept: string[];
}

/** What `tidyUp` would thin out now; changes nothing. Throws STORE_DAMAGED when the history cannot be read whole. */
export async function planRetention(
  archive: Archive & { clock: Clock },
  { keepDays }: Retention,
): Promise<RetentionPlan> {
  const hold = await readHold(archive.store);
  const plan = await planFold(archive, keepDays);
  const months = Map.groupBy(plan?.commits ?? [], ({ time }) => new Date(time).toISOString().slice(0, 7));
  return {
    keepDays,
    hold: hold === undefined ? null : { reason: hold.reason, since: new Date(hold.since).toISOString() },
    folded: plan?.commits.filter(({ stays }) => !stays).length ?? 0,
    months: [...months]
      .filter(([, commits]) => commits.some(({ stays }) => !stays))
      .map(([month, commits]) => ({
        month,
        commits: commits.length,
        kept: commits.filter(({ stays }) => stays).map(({ oid }) => oid),
      })),
    frees: await planRelease(archive, plan),
  };
}

/** As if all were 90 days later. */
async function planRelease(
  { store, clock }: Archive & { clock: Clock },
  plan: FoldPlan | undefined,
): Promise<Freed | null> {
  const releases = await readReleases(store);
  const began = plan === undefined ? Math.max(...releases.map(({ blob }) => blob.modified)) : clock.now();
  if (!Number.isFinite(began)) return null;
  const names = await readNames(store);
  if (plan !== undefined) names.delete(branch);
  const kept = plan?.commits.filter(({ stays }) => stays).map(({ tree }) => tree) ?? [];
  const roots = [...names.values(), ...kept, ...(plan?.parent === undefined ? [] : [plan.parent])];
  const after = Math.max(began + releaseAfter, clock.now());
  const { packs, large } = await chooseRelease(store, await findWaste(store, roots), after);
  return {
    bytes: packs.reduce((sum, { waste }) => sum + waste, 0),
    large: large.map(({ name, size }) => ({ name, size })),
    after: new Date(after).toISOString(),
  };
}
