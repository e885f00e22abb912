import type { Restore } from '../journal/restore.ts';
import { besideName } from '../layers/make-service.ts';

/** Would the same be done to the same? Then what was planned first fits the portal still. */
export function isSameWork(a: Restore, b: Restore): boolean {
  const essence = ({ plan: { items, order, warnings }, targets, groups, mark }: Restore) =>
    // Each plan has a mark of its own, and in its names the services that would be made bear it.
    JSON.stringify([items, order, warnings, targets, groups]).replaceAll(besideName('', mark), '');
  return essence(a) === essence(b);
}
