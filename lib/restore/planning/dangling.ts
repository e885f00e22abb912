import { isCode } from '../../errors.ts';
import { namedBy } from '../named.ts';
import type { Plan } from '../words.ts';
import type { Candidate } from './candidate.ts';
import type { Needs } from '../plan/order.ts';
import type { Planning } from './planning.ts';

/** What the items that go name: all ids, by the item that names them; and of the items among them those that nobody has. */
export async function namedByAll(
  planning: Planning,
  going: readonly Candidate[],
): Promise<{ needs: Needs; dangling: Plan['dangling'] }> {
  const needs = new Map<string, ReadonlySet<string>>();
  const dangling: Plan['dangling'] = [];
  const own = new Set(going.map(({ version }) => version.itemId));
  for (const { version } of going) {
    const { itemId } = version;
    const { ids, surelyIds } = await namedBy(planning.deps.run, version);
    needs.set(itemId, ids);
    for (const names of surelyIds)
      if (!own.has(names) && !(await isThere(planning, names))) dangling.push({ itemId, names });
  }
  return { needs, dangling };
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
