import type { Counts } from './messages.ts';

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
    }),
    noCounts,
  );
}
