import type { Archive } from '../../archive/archive.ts';
import { readHold } from '../../archive/legal-hold.ts';
import type { Clock } from '../../clock.ts';
import { planFold, type Retention } from './fold.ts';

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
  };
}
