import type { RestoreRequest } from '../../lib/api/restores.ts';
import { contentOf, fixture, jsonContent } from './portal/content.ts';
import { zipOf } from './portal/zip.ts';
import { seeded } from './random.ts';
import type { World } from './restore.ts';
import { addRoads, addView, fillRoads, layerOf } from './services.ts';

/** What of a random organization there is to lose. */
export interface RandomOrganization {
  items: string[];
  groups: string[];
}

/** Numbers below `most`, and one of a list, always the same of one seed. */
export function dice(seed: number) {
  const random = seeded(seed);
  const below = (most: number) => Math.floor(random() * most);
  return { below, is: (chance: number) => random() < chance, of: <T>(all: readonly T[]) => all[below(all.length)] };
}

type Dice = ReturnType<typeof dice>;
const members = ['ana', 'ben', 'cleo'];

/**
 * Layers, views of them and views of these; maps, dashboards, surveys and notebooks that name these and each other, also in circles, by id
 * and by address; files; folders, groups, relations, resources and protection, as it comes.
 */
export async function fillRandom(world: World, roll: Dice): Promise<RandomOrganization> {
  const { org } = world;
  for (const name of members) org.addMember(name);
  const layers: string[] = [];
  for (let n = 0, most = roll.below(3); n < most; n++) {
    layers.push(await addRoads(world, `Roads${n}`));
    await fillRoads(world, `Roads${n}`, 1 + roll.below(2));
  }
  const views: { id: string; name: string }[] = [];
  for (let n = 0, most = layers.length === 0 ? 0 : roll.below(3); n < most; n++) {
    const source =
      views.length > 0 && roll.is(0.3) ? (roll.of(views)?.name ?? '') : `Roads${roll.below(layers.length)}`;
    const name = `View${n}`;
    views.push({ id: await addView(world, name, source, { name, viewDefinitionQuery: '' }), name });
  }
  const texts = Array.from({ length: 2 + roll.below(5) }, (_, n) => addText(world, roll, n));
  const files = Array.from({ length: roll.below(3) }, (_, n) => addFile(world, roll, n));
  const services = [...layers, ...views.map(({ id }) => id)];
  const items = [...services, ...texts, ...files];
  for (const id of texts) name(world, roll, id, items);
  for (const id of items) surround(world, roll, id);
  const groups = Array.from({ length: roll.below(3) }, (_, n) => addGroup(world, roll, n, items));
  return { items, groups };
}

const textTypes = ['Web Map', 'Dashboard', 'Form', 'Notebook'];

function addText({ org }: World, { below, of }: Dice, n: number): string {
  const type = of(textTypes) ?? '';
  const isFile = type === 'Form' || type === 'Notebook';
  const more = isFile ? { name: `text-${n}.${type === 'Form' ? 'zip' : 'ipynb'}`, data: '' } : { json: {} };
  return org.addItem({ owner: members[below(3)] ?? '', type, title: `Text ${n}`, ...more }).record.id;
}

function addFile({ org }: World, { below, is }: Dice, n: number): string {
  const owner = members[below(3)] ?? '';
  // Of one name, with different members and in different folders.
  const name = is(0.5) ? 'atlas.pdf' : `atlas-${n}.pdf`;
  const folder = org.addFolder(owner, `Files ${n}`).id;
  return org.addItem({ owner, folder, type: 'PDF', title: `File ${n}`, name, data: Buffer.from(`%PDF-1.4 ${n}`) })
    .record.id;
}

/** Lets an item name others. */
function name({ org, portal }: World, { below, of }: Dice, id: string, items: readonly string[]): void {
  const named = Array.from({ length: below(4) }, () => of(items) ?? '');
  const address = (each: string) => org.item(each).record.url?.replace('{portal}', portal.url);
  const text = JSON.stringify({ named: named.map((each) => ({ id: each, url: address(each) ?? null })) });
  const isForm = org.item(id).record.type === 'Form';
  org.replaceData(id, contentOf(isForm ? zipOf([['esriinfo/form.json', Buffer.from(text)]]) : Buffer.from(text)));
  const layer = items.find((each) => org.item(each).service !== null && org.item(each).service !== undefined);
  if (isForm && layer !== undefined) org.relate(id, layer, 'Survey2Service');
}

function surround({ org }: World, { below, is }: Dice, id: string): void {
  const item = org.item(id);
  const { owner, type } = item.record;
  const isFile = type === 'PDF';
  if (is(0.5)) org.editItem(id, { tags: ['one', `tag ${below(9)}`], snippet: `Snippet ${below(9)}` });
  if (is(0.4) && !isFile) org.moveItem(id, org.addFolder(owner, `Folder of ${item.record.title ?? ''}`).id);
  if (is(0.4))
    item.resources.set('a/b.json', {
      content: jsonContent({ b: below(9) }),
      access: is(0.5) ? 'private' : 'inherit',
      created: 1,
    });
  if (is(0.3)) org.quietlyEdit(id, { access: is(0.5) ? 'org' : 'public' });
  if (is(0.3)) org.quietlyEdit(id, { protected: true });
  if (is(0.3)) {
    item.infos.set('thumbnail/a.png', fixture('thumbnail.png'));
    org.editItem(id, { thumbnail: 'thumbnail/a.png' });
  }
}

function addGroup({ org }: World, { below, is, of }: Dice, n: number, items: readonly string[]): string {
  const owner = members[below(3)] ?? '';
  const others = members.filter((each) => each !== owner && is(0.5));
  const group = org.addGroup(`Group ${n}`, { owner, members: new Set(others), more: { tags: [] } });
  for (let shared = below(4); shared > 0; shared--) {
    const id = of(items) ?? '';
    if ([owner, ...others].includes(org.item(id).record.owner)) org.share(id, group.id);
  }
  return group.id;
}

/** Loses and spoils some of it, as it comes; what a restore is to be asked for. A source does not go without its views. */
export function loseRandom(world: World, { is, of }: Dice, { items, groups }: RandomOrganization): RestoreRequest {
  const { org } = world;
  const sourceOf = (id: string) =>
    org.items.get(id)?.service?.layers.flatMap(({ source }) => source?.itemId ?? []) ?? [];
  const lost = new Set(items.filter(() => is(0.4)));
  for (let more = true; more;) {
    const dependants = items.filter((id) => !lost.has(id) && sourceOf(id).some((each) => lost.has(each)));
    for (const id of dependants) lost.add(id);
    more = dependants.length > 0;
  }
  const gone = groups.filter(() => is(0.5));
  for (const id of gone) {
    for (const item of [...(org.groups.get(id)?.items ?? [])]) {
      org.unshare(item, id);
      const { record, groups: left } = org.item(item);
      if (record.access === 'shared' && left.size === 0) record.access = 'private';
    }
    org.groups.delete(id);
  }
  for (const id of items) {
    const isService = (org.item(id).service ?? null) !== null;
    if (lost.has(id) && !isService && is(0.3)) toBin(world, id);
    else if (lost.has(id)) {
      for (const { id: other } of org.item(id).relations) {
        const { relations } = org.item(other);
        relations.splice(0, relations.length, ...relations.filter((each) => each.id !== id));
      }
      org.deleteItem(id);
    } else if (is(0.5)) spoil(world, id, of(['data', 'record', 'place']) ?? '');
  }
  return { items, groups: gone };
}

/** What lies in the bin is shared with nobody. */
function toBin({ org }: World, id: string): void {
  const item = org.item(id);
  for (const group of [...item.groups]) org.unshare(id, group);
  item.record.access = 'private';
  item.recycled = true;
}

function spoil({ org }: World, id: string, how: string): void {
  const { service, record, resources } = org.item(id);
  if (how === 'record') org.editItem(id, { tags: ['spoiled'], snippet: 'spoiled' });
  else if (how === 'place') {
    if (record.type !== 'PDF') org.moveItem(id, null);
    org.quietlyEdit(id, { protected: false });
    resources.clear();
    org.editItem(id, {});
  } else if (service && layerOf(service, 3).source === undefined) {
    layerOf(service, 3).rows.splice(0, 1);
    org.editRows(id, 3);
  } else if (!service) org.replaceData(id, contentOf(record.type === 'Form' ? zipOf([]) : '{"spoiled":true}'));
}
