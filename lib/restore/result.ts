import { progressOf } from './journal/entries.ts';
import { madeAnew, type UnderWay } from './under-way.ts';
import type { Difference, ItemOutcome, RestoredItem, RestoreResult } from './words.ts';

/** How an item came out that differs so. */
export function outcomeOf(differences: readonly Difference[]): ItemOutcome {
  if (differences.length === 0) return 'restored';
  return differences.every(({ equivalent }) => equivalent === true) ? 'equivalent' : 'different';
}

/** What a restore came to, as its journal says. */
export function resultOf(under: UnderWay, restoreId: string): RestoreResult {
  const { journal } = under;
  const { standing, restore } = journal;
  const items = restore.plan.items.map(({ itemId, mode, blocked }): RestoredItem => {
    const { end, newId } = progressOf(standing, itemId);
    const failure = blocked ?? (end?.kind === 'failed' ? end : null);
    const hint = failure?.hint;
    const said = {
      code: failure?.code ?? null,
      message: failure?.message ?? null,
      ...(hint !== undefined && { hint }),
    };
    const base = { itemId, newId, mode, ...said };
    if (end?.kind !== 'verified' || failure !== null) return { ...base, outcome: 'failed', differences: [] };
    return { ...base, outcome: end.outcome, differences: end.differences };
  });
  const good = items.filter(({ outcome }) => outcome === 'restored' || outcome === 'equivalent').length;
  const isNothing = items.every(({ outcome }) => outcome === 'failed');
  const outcome = good === items.length ? 'complete' : isNothing ? 'failed' : 'partial';
  const beforeCommit = standing.saved.at(-1)?.commit ?? null;
  return { restoreId, outcome, ids: Object.fromEntries(madeAnew(under).ids), items, beforeCommit };
}
