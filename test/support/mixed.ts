import type { RestoreRequest } from '../../lib/api/restores.ts';
import { addParcels, layersOf, rowsImage } from './layers.ts';
import { contentOf, fixture, jsonContent } from './portal/content.ts';
import { readZip } from './portal/unzip.ts';
import { zipOf } from './portal/zip.ts';
import type { PortalItem } from './portal/words.ts';
import { imageOf, newWorld, type Ending, type World } from './restore.ts';
import { addRoads, addView, fillRoads } from './services.ts';

/** An organization with an item of every class that a restore treats in a way of its own, damaged in every way. */
export interface Mixed {
  world: World;
  /** puts all of it back as it was when it was saved */
  request: RestoreRequest;
  /** all that the portal holds, with titles in place of ids; dates and counts are its own */
  portrait: () => Promise<unknown>;
  /** the portrait as it was saved */
  saved: unknown;
  /** the portrait of the damage */
  damaged: unknown;
}

/**
 * Gone are a layer, its view, a form of it, a map, a file and a group; a dashboard and the rows of another layer are spoiled, and a notebook
 * lies in the recycle bin.
 */
export async function newMixed(t: Ending): Promise<Mixed> {
  const world = await newWorld(t);
  const { org } = world;
  for (const name of ['ana', 'ben']) org.addMember(name);
  org.categories = [{ title: 'Parks' }];
  const all = await build(world);
  await world.backup();
  const portrait = () => portraitOf(world);
  const saved = await portrait();
  const items = Object.values(all.items);
  const at = (await world.restores().plan({ items: items.slice(0, 1) })).plan.items[0]?.commit ?? '';
  damage(world, all);
  return { world, request: { items, groups: [all.group], at }, portrait, saved, damaged: await portrait() };
}

type All = Awaited<ReturnType<typeof build>>;

async function build(world: World) {
  const { org } = world;
  const maps = org.addFolder('ana', 'Maps').id;
  const around = { owner: 'ana', folder: maps, infos: { 'thumbnail/map.png': fixture('thumbnail.png') } };
  const beside = {
    resources: { 'a/notes.json': jsonContent({ a: 1 }), 'b.txt': contentOf('b') },
    metadata: '<metadata/>',
  };
  const roads = await addRoads(world);
  await fillRoads(world, 'Roads', 2);
  const view = await addView(world, 'Wide', 'Roads');
  const parcels = addParcels(org, { rows: 3 }).record.id;
  const map = org.addItem({ ...around, ...beside, type: 'Web Map', title: 'Map', json: { layers: [roads, view] } })
    .record.id;
  const survey = zipOf([['esriinfo/form.info', Buffer.from(`{"serviceInfo":{"itemId":"${roads}"}}`)]]);
  const form = org.addItem({ ...around, type: 'Form', title: 'Survey', name: 'survey.zip', data: survey }).record.id;
  const file = org.addItem({ ...around, ...beside, type: 'PDF', title: 'Flyer', file: 'flyer.pdf', protected: true })
    .record.id;
  const board = org.addItem({ ...around, ...beside, type: 'Dashboard', title: 'Board', json: { map } }).record.id;
  const notebook = org.addItem({
    owner: 'ben',
    type: 'Notebook',
    title: 'Notes',
    name: 'notes.ipynb',
    data: '{"cells":[]}',
  }).record.id;
  org.relate(form, roads, 'Survey2Service');
  org.quietlyEdit(map, { contentStatus: 'org_authoritative', categories: ['/Categories/Parks'] });
  org.item(file).resources.set('secret.txt', { content: contentOf('who may see'), access: 'private', created: 1 });
  org.item(form).infos.set('form.json', jsonContent({ roads }));
  const group = org.addGroup('Crew', { owner: 'ana', members: new Set(['ben']), more: { tags: [], protected: true } });
  for (const id of [map, board, roads]) org.share(id, group.id);
  return { items: { map, form, view, roads, file, board, parcels, notebook }, group: group.id };
}

function damage({ org }: World, { items, group }: All): void {
  const { map, form, view, roads, file, board, parcels, notebook } = items;
  org.replaceData(board, jsonContent({ spoiled: true }));
  org.editItem(board, { title: 'Oops', snippet: 'spoiled' });
  org.item(board).resources.delete('b.txt');
  org.item(board).resources.set('stray.txt', { content: contentOf('stray'), access: 'inherit', created: 1 });
  org.moveItem(board, null);
  org.quietlyEdit(file, { protected: false });
  for (const id of [map, form, view, roads, file]) org.deleteItem(id);
  org.item(notebook).recycled = true;
  for (const id of org.groups.get(group)?.items ?? []) org.unshare(id, group);
  org.quietlyEdit(board, { access: 'private' });
  org.groups.delete(group);
  layersOf(org.item(parcels))[0].rows.splice(0, 1);
  org.editRows(parcels, 0);
}

/** All that the portal holds, with titles in place of ids; dates and counts are its own. */
export async function portraitOf({ org }: Pick<World, 'org'>): Promise<unknown> {
  const isThere = (id: string) => org.items.has(id) && org.items.get(id)?.recycled !== true;
  const describe = async (item: PortalItem) => {
    const { record, relations, recycled, service } = item;
    // Of what lies in the bin nobody sees more.
    if (recycled === true) return { title: record.title, type: record.type, owner: record.owner, recycled };
    const { ownerFolder, ...image } = imageOf(item);
    const folder = org.folders.get(record.owner)?.find(({ id }) => id === ownerFolder)?.title ?? null;
    const layers = [...(service?.layers ?? []), ...(service?.tables ?? [])];
    return {
      ...image,
      ...(typeof image.url === 'string' && { url: image.url.replace(/^.*\/rest\//, '') }),
      folder,
      // That of a service with several layers is the portal's own.
      typeKeywords: image.typeKeywords.filter((keyword) => keyword !== 'Multilayer'),
      relations: relations.flatMap(({ type, direction, id }) => (isThere(id) ? `${type} ${direction} ${id}` : [])),
      data: await textOf(item, image.data),
      infos: [...item.infos].flatMap(([path, file]) =>
        path.startsWith('thumbnail/') ? [] : [[path, file.bytes().toString()]],
      ),
      capabilities: service?.capabilities,
      layers: layers.map(({ id, name, source }) => ({ id, name, source })),
      rows: rowsImage(item),
    };
  };
  const items = await Promise.all([...org.items.values()].map(describe));
  const groups = [...org.groups.values()].map(({ title, owner, members, admins, access, items: shared, more }) => ({
    ...{ title, owner, access, members: [...members].sort(), admins: [...(admins ?? [])] },
    ...{ items: [...shared].sort(), isProtected: more?.['protected'] === true },
  }));
  const names = new Map([...org.items.values()].map(({ record }) => [record.id, `<${record.title ?? ''}>`]));
  for (const { id, title } of org.groups.values()) names.set(id, `<${title}>`);
  const text = JSON.stringify({ items, groups })
    .replaceAll(/http:\/\/127\.0\.0\.1:\d+/g, '')
    .replaceAll(/[0-9a-f]{32}(?![0-9a-f])/g, (id) => names.get(id) ?? id);
  return JSON.parse(text, (key, value: unknown) =>
    Array.isArray(value) && inAnyOrder.has(key) ? inOrder(value) : value,
  );
}

/** What names others, under whatever ids these have, is told by its text; anything else by its hash. */
async function textOf({ record, data }: PortalItem, hash: string | null): Promise<unknown> {
  if (data === null || !['Web Map', 'Dashboard', 'Form', 'Notebook'].includes(record.type)) return hash;
  if (record.type !== 'Form') return data.bytes().toString();
  return (await readZip(data.bytes())).map(([name, bytes]) => [name, bytes.toString()]);
}

/** Lists of the portrait whose order means nothing. */
const inAnyOrder = new Set(['items', 'groups', 'relations']);

function inOrder(values: unknown[]): unknown[] {
  const keyOf = (value: unknown) => (typeof value === 'string' ? value : String((value as { title?: unknown }).title));
  return values.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}
