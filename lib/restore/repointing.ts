import { differencesOf } from './aspects/all.ts';
import { needItem, told, type Target } from './aspects/aspect.ts';
import { isMoved } from './references/id-map.ts';
import { namingAspects } from './references/repointed.ts';
import { plannedItem, targetOf, type UnderWay } from './under-way.ts';
import type { AspectName, Difference } from './words.ts';

/** Is an item only to name by their new names what was made anew? */
export function isRepointed(under: UnderWay, itemId: string): boolean {
  return plannedItem(under, itemId).steps.some(({ step: each }) => each === 'repoint');
}

/** What of it names these. Throws RESTORE_REPOINT. */
export function namedAnew({ archive, version, map }: Target): Promise<Set<AspectName>> {
  return namingAspects(archive, version, map);
}

/** Where an item is not as it was saved before but for the new names, or names still what was not made anew. */
export async function differencesOfNames(under: UnderWay, itemId: string): Promise<Difference[]> {
  const target = await targetOf(under, itemId);
  const aspects = await namedAnew(target);
  const { pointing = [] } = under.journal.restore.plan;
  const names = pointing.find((each) => each.itemId === itemId)?.names ?? [];
  const left = names.filter((name) => !isMoved(target.map, name));
  return [
    ...told(await differencesOf(target, await needItem(target), aspects)),
    ...left.map((name): Difference => ({ part: 'data', what: `${name}, which was not made anew` })),
  ];
}
