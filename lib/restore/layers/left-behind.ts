import type { Item } from '../../backup/item.ts';
import type { RestoreDeps } from '../deps.ts';
import { progressOf } from '../journal/entries.ts';
import type { Journal } from '../journal/journal.ts';
import type { PlannedTarget } from '../journal/restore.ts';
import type { PlannedItem } from '../words.ts';
import { frozenIn } from './frozen.ts';
import { temporary } from './rows/copy/copying.ts';

/** Temporary copies that a restore made to load rows from and was killed before it had deleted them. Throws PORTAL_…. */
export async function copiesLeft(deps: RestoreDeps, { restore, standing }: Journal): Promise<Item[]> {
  const { run } = deps;
  const { mark, plan } = restore;
  const left: Item[] = [];
  for (const [itemId, { rows }] of standing.items) {
    if (!rows.some(({ is }) => is === 'copying')) continue;
    const copying = { archive: run, restorer: await deps.restorer(), clock: run.clock, mark };
    left.push(...(await temporary({ ...copying, account: plan.target.account }, itemId)));
  }
  // The service before its file.
  return left.sort((a, b) => (a.type < b.type ? -1 : 1));
}

/** The plan and the target of an item whose layers the undone restore may have left closed to edits: they are opened again in any case. */
export function reopened(
  { standing }: Journal,
  item: PlannedItem,
  target: PlannedTarget,
): { item: PlannedItem; target: PlannedTarget } {
  const frozen = frozenIn(progressOf(standing, item.itemId).rows);
  if (frozen === undefined || item.blocked !== null) return { item, target };
  const step = { step: 'rows', danger: 3, what: 'loads its rows, and opens it for edits again' } as const;
  const steps = item.steps.some((each) => each.step === 'rows') ? item.steps : [...item.steps, step];
  return { item: { ...item, steps }, target: { ...target, frozen } };
}
