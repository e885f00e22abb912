/** Nothing counted yet. */
export const noCounts: Counts = {
  listed: 0,
  unchanged: 0,
  excluded: 0,
  found: 0,
  failed: 0,
  archived: 0,
  membersFailed: 0,
};

/** Adds up the counts of lanes or members. */
export function sumCounts(all: readonly Counts[]): Counts {
  return all.reduce(
    (sum, each) => ({
      listed: sum.listed + each.listed,
      unchanged: sum.unchanged + each.unchanged,
      excluded: sum.excluded + each.excluded,
      found: sum.found + each.found,
      failed: sum.failed + each.failed,
      archived: sum.archived + each.archived,
      membersFailed: sum.membersFailed + each.membersFailed,
      ...withCategorized(sum, each),
    }),
    noCounts,
  );
}

function withCategorized({ categorized: a = 0 }: Counts, { categorized: b = 0 }: Counts): Pick<Counts, 'categorized'> {
  return a + b > 0 ? { categorized: a + b } : {};
}

/** What checkUser counted. */
export interface Counts {
  listed: number;
  unchanged: number;
  excluded: number;
  /** items to fetch */
  found: number;
  /** items that failed already while they were checked */
  failed: number;
  /** items that the base tree has of the members that were checked */
  archived: number;
  membersFailed: number;
  /** items to fetch that bear a category of the organization; not there: none */
  categorized?: number;
}
