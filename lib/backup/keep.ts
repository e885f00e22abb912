/** A commit, as far as its age decides whether it stays. */
export interface Dated {
  /** epoch ms */
  time: number;
  /** whatever its age */
  stays?: boolean;
}

/** What a commit did to something: it appeared without `before`, and went without `after`. */
export interface Did {
  before?: unknown;
  after?: unknown;
}

const day = 86_400_000;
/** So many times BACKUP_KEEP one commit a month stays; then one a year. */
const monthlyTimes = 10;

/**
 * Which commits stay by their age: all that are younger than `keepDays`; of each month of which every moment is older, the last;
 * of each year of which every moment is older than ten times that, the last. Whole months and years (UTC), so that history is
 * written anew once a month and not every night. A clock that was ahead makes what came after it young, never old.
 * @param commits oldest first
 * @param now epoch ms
 */
export function keptByAge(commits: readonly Dated[], keepDays: number, now: number): boolean[] {
  let latest = -Infinity;
  const periods = commits.map(({ time }) => {
    latest = Math.max(latest, time);
    return periodOf(latest, keepDays, now);
  });
  const lastOf = new Map(periods.map((period, n) => [period, n]));
  return commits.map(({ stays = false }, n) => stays || periods[n] === undefined || lastOf.get(periods[n]) === n);
}

/** The month or year, of which one commit stays; undefined where all do. */
function periodOf(time: number, keepDays: number, now: number): string | undefined {
  const [year, month] = [new Date(time).getUTCFullYear(), new Date(time).getUTCMonth()];
  if (Date.UTC(year + 1, 0) <= now - monthlyTimes * keepDays * day) return `${year}`;
  return Date.UTC(year, month + 1) <= now - keepDays * day ? `${year}-${month + 1}` : undefined;
}

/**
 * Keeps besides, of everything that is no more, the last commit that still has its last version. What reappears has its last
 * version later.
 * @param changes what each commit did, compared with the one before it, oldest first
 */
export function keepLast(kept: readonly boolean[], changes: readonly ReadonlyMap<string, Did>[]): boolean[] {
  const settled = new Set<string>();
  const goneAt = new Map<string, number>();
  /** from the commit that made the last version of something to the last one that has it */
  const lives: { first: number; last: number }[] = [];
  for (const [n, change] of [...changes.entries()].reverse()) {
    for (const [key, { after }] of change) {
      if (settled.has(key)) continue;
      const gone = goneAt.get(key);
      if (after === undefined) goneAt.set(key, gone ?? n);
      else settled.add(key);
      if (after !== undefined && gone !== undefined) lives.push({ first: n, last: gone - 1 });
    }
  }
  const result = [...kept];
  // By their ends, so that one commit serves as many as it can, and the same ones are chosen the next time.
  for (const { first, last } of lives.sort((a, b) => a.last - b.last))
    if (!result.slice(first, last + 1).includes(true)) result[last] = true;
  return result;
}
