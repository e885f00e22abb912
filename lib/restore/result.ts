import { progressOf } from './journal/entries.ts';
import { madeAnew, type UnderWay } from './under-way.ts';
import { isMoved, type IdMap } from './references/id-map.ts';
import type { Difference, ItemOutcome, Pointing, RestoredItem, RestoreResult } from './words.ts';

/** How an item came out that differs so. */
export function outcomeOf(differences: readonly Difference[]): ItemOutcome {
  if (differences.length === 0) return 'restored';
  return differences.every(({ equivalent }) => equivalent === true) ? 'equivalent' : 'different';
}

/** What a restore came to, as its journal says. */
export function resultOf(under: UnderWay, restoreId: string): RestoreResult {
  const { journal } = under;
  const { standing, restore } = journal;
  const items = restore.plan.items.map(({ itemId, title, mode, blocked }): RestoredItem => {
    const { end, newId } = progressOf(standing, itemId);
    const failure = blocked ?? (end?.kind === 'failed' ? end : null);
    const hint = failure?.hint;
    const said = {
      code: failure?.code ?? null,
      message: failure?.message ?? null,
      ...(hint !== undefined && { hint }),
    };
    const base = { itemId, title, newId, mode, ...said };
    if (end?.kind !== 'verified' || failure !== null) return { ...base, outcome: 'failed', differences: [] };
    return { ...base, outcome: end.outcome, differences: end.differences };
  });
  const good = items.filter(({ outcome }) => outcome === 'restored' || outcome === 'equivalent').length;
  const isNothing = items.every(({ outcome }) => outcome === 'failed');
  const outcome = good === items.length ? 'complete' : isNothing ? 'failed' : 'partial';
  const beforeCommit = standing.saved.at(-1)?.commit ?? null;
  const map = madeAnew(under);
  const pointing = stillPointing([...(restore.plan.pointing ?? []), ...(restore.unforeseen ?? [])], items, map);
  return { restoreId, outcome, ids: Object.fromEntries(map.ids), items, beforeCommit, pointing };
}

/** What names still as it was called what was made anew, and was not re-pointed. */
function stillPointing(pointing: readonly Pointing[], items: readonly RestoredItem[], map: IdMap): Pointing[] {
  const done = new Set(items.flatMap(({ itemId, outcome }) => (outcome === 'failed' ? [] : [itemId])));
  const left = new Map<string, Pointing>();
  for (const each of pointing) {
    const known = left.get(each.itemId)?.names ?? [];
    const names = each.names.filter((name) => isMoved(map, name));
    if (!done.has(each.itemId) && names.length > 0)
      left.set(each.itemId, { ...each, names: [...new Set([...known, ...names])] });
  }
  return [...left.values()];
}
