import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jsonContent } from '../../support/portal/content.ts';
import { imageOf, newWorld, type World } from '../../support/restore.ts';
import { addRoads, addView, layerOf, serviceImageOf } from '../../support/services.ts';

/** What it is as an item, and as a service. */
const both = async (world: World, id: string) => ({
  ...imageOf(world.org.item(id)),
  ...(await serviceImageOf(world, id)),
});
const all = (world: World, ids: readonly string[]) => Promise.all(ids.map((id) => both(world, id)));

test('a service, its view and a view of that are gone: all come back under their addresses, the source first, and a map names them', async (t) => {
  const world = await newWorld(t);
  const { org, portal } = world;
  portal.writing.bin = 'off';
  const roads = await addRoads(world);
  const view = await addView(world, 'Wide', 'Roads');
  const second = await addView(world, 'Wider', 'Wide', { name: 'Wider roads', viewDefinitionQuery: '' });
  org.item(view).data = jsonContent({ layers: [{ id: 3, popupInfo: { title: '{street}' } }] });
  const urlOf = (id: string) => org.item(id).record.url?.replace('{portal}', portal.url) ?? '';
  const map = org.addItem({ owner: 'ana', type: 'Web Map', title: 'Map', json: {} }).record.id;
  const layersOf = (ids: string[]) => ({ layers: ids.map((id) => ({ itemId: id, url: `${urlOf(id)}/3` })) });
  org.replaceData(map, jsonContent(layersOf([second, view, roads])));
  await world.backup();
  const before = await all(world, [roads, view, second]);
  for (const id of [map, second, view, roads]) org.deleteItem(id);
  const result = await world.restore({ items: [map, second, view, roads] });
  assert.deepEqual(
    result.items.map(({ outcome, differences, message }) => [outcome, differences, message]),
    [1, 2, 3, 4].map(() => ['restored', [], null]),
  );
  const [newRoads = '', newView = '', newSecond = ''] = [roads, view, second].map((id) => result.ids[id]);
  const after = await all(world, [newRoads, newView, newSecond]);
  const was = JSON.stringify(before)
    .replaceAll(roads, newRoads)
    .replaceAll(view, newView)
    .replaceAll(second, newSecond);
  assert.deepEqual(after, JSON.parse(was));
  assert.deepEqual(
    JSON.parse(
      org
        .item(result.ids[map] ?? '')
        .data?.bytes()
        .toString() ?? '',
    ),
    layersOf([newSecond, newView, newRoads]),
  );
  assert.equal(layerOf(org.services.get('Wide') ?? assert.fail(), 3).source?.itemId, newRoads);
});
