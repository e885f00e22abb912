import type { Restore } from '../journal/journal.ts';

/** Would the same be done to the same? Then what was planned first fits the portal still. */
export function isSameWork(a: Restore, b: Restore): boolean {
  const essence = ({ plan: { items, order, warnings }, targets, groups }: Restore) =>
    JSON.stringify([items, order, warnings, targets, groups]);
  return essence(a) === essence(b);
}
