import { isCode } from '../../errors.ts';
import { readUses, UseGraph } from '../../history/uses.ts';
import type { Needs } from '../plan/order.ts';
import type { Plan } from '../words.ts';
import type { Candidate } from './candidate.ts';
import type { Planning } from './planning.ts';

/** Who names whom among the items of the archive, with those that are put back as they were then. */
export async function namesThen({
  deps,
  history,
  wish,
}: Pick<Planning, 'deps' | 'history' | 'wish'>): Promise<UseGraph> {
  const then = wish.versions.map((version) => [version.after.id, version] as const);
  return UseGraph.read(deps.run, new Map([...history.latest(), ...then]));
}

/** What the items that go name: all items, by the one that names them; and of those the ones that nobody has. */
export async function namedByAll(
  planning: Planning,
  graph: UseGraph,
  going: readonly Candidate[],
): Promise<{ needs: Needs; dangling: Plan['dangling'] }> {
  const needs = new Map<string, ReadonlySet<string>>();
  const dangling: Plan['dangling'] = [];
  const own = new Set(going.map(({ version }) => version.itemId));
  const there = new Map<string, boolean>();
  for (const { version, held } of going) {
    const { itemId } = version;
    const named = await itemsNamed(planning, graph, itemId);
    // What a text names may come later, also in a circle; a view is nothing without its source.
    const isNaming = held === undefined || (held.isView && held.sources.length === 0);
    needs.set(itemId, isNaming ? named : new Set(held.sources));
    for (const names of named) {
      if (own.has(names)) continue;
      if (!there.has(names)) there.set(names, await isThere(planning, names));
      if (there.get(names) === false) dangling.push({ itemId, names });
    }
  }
  return { needs, dangling };
}

/** Ids of the items that one names, itself or by the address of their service; and others that are surely items'. */
async function itemsNamed({ deps, wish }: Planning, graph: UseGraph, itemId: string): Promise<Set<string>> {
  const state = wish.versions.find(({ after }) => after.id === itemId)?.after;
  // A hash may be anything; only the item's files show which of them is the id of an item.
  const isOpen = state !== undefined && graph.unknown(itemId).length > 0;
  const surely = isOpen ? (await readUses(deps.run, state)).surelyIds : new Set<string>();
  return new Set(graph.uses(itemId, surely).flatMap(({ itemId: used }) => used ?? []));
}

async function isThere({ portal, isElsewhere }: Planning, id: string): Promise<boolean> {
  try {
    return !isElsewhere && ((await portal.item(id)) !== undefined || (await portal.groupExists(id)));
  } catch (error) {
    // What the portal does not tell is not said to be gone.
    if (isCode(error, 'PORTAL_REFUSED', 'PORTAL_ERROR', 'PORTAL_ANSWER')) return true;
    throw error;
  }
}
