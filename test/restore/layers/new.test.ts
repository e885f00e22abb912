import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Caller } from '../../portal/caller.ts';
import { fixture, jsonContent } from '../../support/portal/content.ts';
import { imageOf, newWorld, type World } from '../../support/restore.ts';
import { addRoads, addView, fillRoads, layerOf, serviceImageOf } from '../../support/services.ts';

/** What it is as an item, and as a service with its rows. */
const both = async (world: World, id: string) => ({
  ...imageOf(world.org.item(id)),
  ...(await serviceImageOf(world, id)),
});

/** Roads with rows, tracked, with all that an item may have around it. */
async function newRoads(world: World): Promise<string> {
  const { org, portal } = world;
  const roads = await addRoads(world);
  const keeper = new Caller(portal, 'keeper');
  const editorTrackingInfo = { enableEditorTracking: true, enableOwnershipAccessControl: false };
  const updateDefinition = JSON.stringify({ editorTrackingInfo, capabilities: 'Query,Create,Update,Sync,Extract' });
  await keeper.post('/arcgis/rest/admin/services/Roads/FeatureServer/updateDefinition', { updateDefinition });
  await fillRoads(world);
  const item = org.item(roads);
  item.data = jsonContent({ layers: [{ id: 3, popupInfo: { title: '{street}' } }] });
  item.infos.set('thumbnail/roads.png', fixture('thumbnail.png'));
  org.editItem(roads, { title: 'All roads', tags: ['road'], thumbnail: 'thumbnail/roads.png', snippet: 'Every road' });
  org.moveItem(roads, org.addFolder('ana', 'Streets').id);
  const group = org.addGroup('Crew', { owner: 'ana', members: new Set(['ana']) });
  org.share(roads, group.id);
  return roads;
}

test('a layer with rows, files, tracking and a view is gone: all of it comes back under its address', async (t) => {
  const world = await newWorld(t, { writing: { bin: 'off' } });
  const { org } = world;
  const roads = await newRoads(world);
  const view = await addView(world, 'Wide', 'Roads');
  await world.backup();
  const [before, viewBefore] = [await both(world, roads), await both(world, view)];
  for (const id of [view, roads]) org.deleteItem(id);
  const result = await world.restore({ items: [view, roads] });
  assert.deepEqual(
    result.items.map(({ outcome, differences, message }) => [outcome, differences, message]),
    [1, 2].map(() => ['restored', [], null]),
  );
  const [newRoad = '', newView = ''] = [roads, view].map((id) => result.ids[id]);
  const was = (image: object) => JSON.parse(JSON.stringify(image).replaceAll(roads, newRoad)) as unknown;
  assert.deepEqual(await both(world, newRoad), was(before));
  assert.deepEqual(await both(world, newView), was(viewBefore));
  assert.deepEqual([...org.items.keys()].sort(), [newRoad, newView].sort(), 'nothing is left over');
  const own = world.restores();
  assert.equal((await own.start(await own.planUndo(result.restoreId))).outcome, 'complete');
  assert.equal(org.items.size, 0);
});

test('a copy beside has the rows of its version, and the living layer keeps what was edited since', async (t) => {
  const world = await newWorld(t);
  const { org } = world;
  const roads = await newRoads(world);
  await world.backup();
  const { layers } = await serviceImageOf(world, roads);
  const { rows } = layerOf(org.services.get('Roads') ?? assert.fail(), 3);
  rows.splice(0, 2);
  org.editRows(roads, 3);
  const living = await both(world, roads);
  const result = await world.restore({ items: [roads], mode: 'beside' });
  assert.equal(result.outcome, 'complete', JSON.stringify(result));
  const copy = result.items[0]?.newId ?? '';
  assert.deepEqual((await serviceImageOf(world, copy)).layers, layers);
  assert.deepEqual([org.item(copy).record.access, org.item(copy).record.title], ['private', 'All roads']);
  assert.deepEqual(await both(world, roads), living);
  assert.equal(org.items.size, 2, 'nothing is left over');
});

test('what the portal does otherwise is named: fields of tracking that it made anew', async (t) => {
  const world = await newWorld(t, { writing: { bin: 'off', trackingRenews: true } });
  const { org } = world;
  const roads = await newRoads(world);
  await world.backup();
  org.deleteItem(roads);
  const result = await world.restore({ items: [roads] });
  assert.deepEqual(
    [result.outcome, result.items[0]?.outcome, result.items[0]?.differences.map(({ what }) => what)],
    ['partial', 'different', ['Roads: fields that tell who edited', 'Notes: fields that tell who edited']],
  );
});
