import type { Relation } from '../../arcgis/content/relations.ts';
import type { Item } from '../../backup/item.ts';
import { jsonIn } from '../../backup/json.ts';
import { typeInfo } from '../../backup/types.ts';
import { bytesOf } from '../version.ts';
import type { Difference } from '../words.ts';
import { needItem, type Aspect, type Target } from './aspect.ts';

/** What only a portal itself relates, when it publishes or packs; a surplus one of these is left (restore.md 3.3). */
const ofPortal = /^(?:Service|Area|WMA|MobileApp)2/;

/** How the item belongs to others: each relation is there whose other end is, and none that the version has not. */
export const relations: Aspect = {
  name: 'relations',
  danger: 2,
  compare: async (target, item) => (await changesOf(target, item)).map(asDifference),
  write: async (target, item, writing) => {
    for (const { do: verb, relation } of await changesOf(target, item)) {
      const { type, direction, itemId } = relation;
      const [from, to] = direction === 'forward' ? [item.id, itemId] : [itemId, item.id];
      const { owner } = await needItem({ portal: target.portal, id: from });
      await (verb === 'add' ? writing.relate(owner, { from, to, type }) : writing.unrelate(owner, { from, to, type }));
    }
  },
};

interface Change {
  do: 'add' | 'remove';
  relation: Relation;
}

interface Wanted {
  relation: Relation;
  /** its other end is not there yet, and will be by the time that it is written */
  isComing: boolean;
}

const keyOf = ({ type, direction, itemId }: Relation) => `${type} ${direction} ${itemId}`;

const asDifference = ({ do: verb, relation: { type, itemId } }: Change): Difference => ({
  part: 'relations',
  what: `${type} ${itemId}${verb === 'add' ? '' : ', which the version has not'}`,
});

async function changesOf(target: Target, item: Item): Promise<Change[]> {
  const kinds = typeInfo(item.type).relations;
  const living = new Map<string, Relation>();
  for (const kind of kinds) {
    const { list, lacking } = await target.portal.relations(item.id, kind);
    if (lacking) throw lacking;
    for (const relation of list) living.set(keyOf(relation), relation);
  }
  const wanted = new Map((await wantedOf(target)).map((each) => [keyOf(each.relation), each]));
  const changes: Change[] = [];
  for (const [key, { relation, isComing }] of wanted)
    if (!living.has(key) && (isComing || (await target.portal.item(relation.itemId)) !== undefined))
      changes.push({ do: 'add', relation });
  for (const [key, relation] of living)
    if (!wanted.has(key) && !ofPortal.test(relation.type)) changes.push({ do: 'remove', relation });
  return changes;
}

/** As the version has them, but for items that have another id now. */
async function wantedOf({ archive, version, map, coming }: Target): Promise<Wanted[]> {
  const part = version.manifest.parts.find(({ role }) => role === 'related');
  const found = part && jsonIn((await bytesOf(archive, version, part)).toString());
  const list = Array.isArray(found) ? (found as Partial<Relation>[]) : [];
  return list.flatMap(({ type, direction, itemId }) => {
    if (typeof type !== 'string' || typeof itemId !== 'string') return [];
    if (direction !== 'forward' && direction !== 'reverse') return [];
    const isComing = coming?.has(itemId) === true;
    return [{ relation: { type, direction, itemId: map.ids.get(itemId) ?? itemId }, isComing }];
  });
}
