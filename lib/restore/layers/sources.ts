import { serviceNameIn } from '../../arcgis/layers/service-name.ts';
import type { Item } from '../../backup/item.ts';
import { BackupError } from '../../errors.ts';
import type { Target } from '../aspects/aspect.ts';
import type { Restorer } from '../deps.ts';
import { serviceKey } from '../references/id-map.ts';
import { define } from './define.ts';
import { definitionDifferences } from './definition/compare.ts';
import type { Sources } from './definition/shown.ts';
import type { ServiceDefinition } from './definition/service-definition.ts';
import { livingDefinition } from './saved-definition.ts';

type Around = Pick<Target, 'portal' | 'map' | 'version'>;

const none: ReadonlyMap<number, number> = new Map();

/** What has become of the services that a view shows: of those made anew in the same go, and of those that live. */
export async function sourcesFor(saved: ServiceDefinition, around: Around): Promise<Sources> {
  const found = new Map<string, ReturnType<Sources>>();
  for (const { name, itemId } of saved.sources) {
    const item = await livingSource(around, itemId);
    const now = serviceNameIn(item?.url);
    if (item === undefined || now === undefined) continue;
    const moved = [...around.map.services.values()].find(({ url }) => serviceKey(url) === serviceKey(item.url ?? ''));
    found.set(name, { name: now, layers: moved?.layers ?? none, isThere: true, isMoved: moved !== undefined });
  }
  const [only, ...others] = [...found.values()];
  // A source may be called by another name in the recipe than in the list, and where there is one it is that.
  const first = others.length === 0 ? only : undefined;
  return (name) =>
    found.get(name) ?? first ?? movedOf(around, name) ?? { name, layers: none, isThere: false, isMoved: false };
}

/** What was made anew of a service, of which older archives know only the name. */
function movedOf({ map }: Around, name: string): ReturnType<Sources> | undefined {
  const isCalled = (key: string) => serviceNameIn(`https://${key}`) === name.toLowerCase();
  const moved = [...map.services].find(([key]) => isCalled(key))?.[1];
  const now = serviceNameIn(moved?.url);
  return moved && now !== undefined ? { name: now, layers: moved.layers, isThere: true, isMoved: true } : undefined;
}

function livingSource({ portal, map }: Around, itemId: string): Promise<Item | undefined> {
  return portal.item(map.ids.get(itemId.toLowerCase()) ?? itemId);
}

/**
 * Makes or changes a view, and sees to it that its sources stay what they are: views made by other programs have broken them (restore.md 3.2).
 * What changed there is put back. Throws RESTORE_REFUSED when it cannot be.
 */
export async function guardSources(
  saved: ServiceDefinition,
  target: Omit<Target, 'id'>,
  { portal, services }: Pick<Restorer, 'portal' | 'services'>,
  make: () => Promise<ServiceDefinition>,
): Promise<ServiceDefinition> {
  const before: [Item, ServiceDefinition][] = [];
  for (const { itemId } of saved.sources) {
    const item = await livingSource(target, itemId);
    if (item !== undefined) before.push([item, await livingDefinition(portal, item)]);
  }
  const made = await make();
  for (const [item, definition] of before) {
    if (isSame(definition, await livingDefinition(portal, item))) continue;
    const sources = await sourcesFor(definition, target);
    const { clock, isEnterprise } = target;
    const now = await define({ portal, services, clock, item, saved: definition, isEnterprise, sources });
    if (isSame(definition, now)) continue;
    throw new BackupError(
      'RESTORE_REFUSED',
      `Changing the view ${target.version.itemId} changed its source ${item.title ?? ''} (${item.id}): ${differing(definition, now)}.`,
      { hint: 'Look at the source: its version in the archive says what it was.' },
    );
  }
  return made;
}

function isSame(before: ServiceDefinition, after: ServiceDefinition): boolean {
  return differing(before, after) === '';
}

function differing(before: ServiceDefinition, after: ServiceDefinition): string {
  const lost = definitionDifferences(before, after);
  const won = definitionDifferences(after, before);
  return [...new Set([...lost, ...won].flatMap(({ what, equivalent }) => (equivalent ? [] : [what])))].join(', ');
}
