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

test('a spoiled view is what it was, keeps its address, and is spoiled again when that is undone', async (t) => {
  const world = await newWorld(t);
  const { org, portal } = world;
  await addRoads(world);
  const view = await addView(world, 'Wide', 'Roads');
  await world.backup();
  const before = await both(world, view);
  const { definition } = layerOf(org.services.get('Wide') ?? assert.fail(), 3);
  Object.assign(definition ?? {}, { viewDefinitionQuery: 'lanes > 0', drawingInfo: { renderer: { type: 'none' } } });
  org.editSchema(view, 3);
  org.editItem(view, { title: 'Oops' });
  const spoiled = await both(world, view);
  const result = await world.restore({ items: [view] });
  assert.deepEqual([result.outcome, result.items[0]?.outcome], ['complete', 'restored'], JSON.stringify(result));
  assert.deepEqual(await both(world, view), before);
  const own = world.restores();
  const undone = await own.start(await own.planUndo(result.restoreId));
  assert.equal(undone.outcome, 'complete', JSON.stringify(undone));
  assert.deepEqual(await both(world, view), spoiled);
  const made = portal.writesOf('keeper').filter((write) => /createService$/.test(write));
  assert.equal(made.length, 2, 'only the two that the test made');
});

test('copies beside have names of their own and are private; undoing them deletes these and nothing else', async (t) => {
  const world = await newWorld(t);
  const { org } = world;
  const roads = await addRoads(world);
  const view = await addView(world, 'Wide', 'Roads');
  org.quietlyEdit(view, { access: 'org' });
  await world.backup();
  const before = await all(world, [roads, view]);
  const result = await world.restore({ items: [view, roads], mode: 'beside' });
  assert.equal(result.outcome, 'complete', JSON.stringify(result));
  const copies = result.items.map(({ newId }) => org.item(newId ?? ''));
  assert.deepEqual(
    copies.map(({ record, service }) => [record.title, record.access, record.owner, service?.viewOf ?? null]),
    [
      ['Wide', 'private', 'ana', roads],
      ['Roads', 'private', 'ana', null],
    ],
  );
  for (const { service } of copies) assert.match(service?.name ?? '', /^(?:Wide|Roads)_[0-9a-f]{8}$/);
  assert.deepEqual(await all(world, [roads, view]), before);
  const own = world.restores();
  assert.equal((await own.start(await own.planUndo(result.restoreId))).outcome, 'complete');
  assert.deepEqual([...org.items.keys()].sort(), [roads, view].sort());
});

test('a name that the recycle bin keeps is told with its cure; the layer gets another one, and what names it follows', async (t) => {
  const world = await newWorld(t);
  const { org, portal } = world;
  const roads = await addRoads(world);
  const url = `${portal.url}/arcgis/rest/services/Roads/FeatureServer/3`;
  const map = org.addItem({ owner: 'ana', type: 'Web Map', title: 'Map', json: { url } }).record.id;
  await world.backup();
  org.item(roads).recycled = true;
  const own = world.restores();
  const planned = await own.plan({ items: [roads], mode: 'new' });
  const [warning] = planned.plan.warnings;
  assert.equal(warning?.code, 'NAME_TAKEN');
  assert.match(
    warning.message,
    new RegExp(`Roads \\(${roads}\\) in the recycle bin of ana; delete that there for good`),
  );
  org.deleteItem(map);
  const { ids, outcome } = await world.restore({ items: [roads, map], mode: 'new' });
  assert.equal(outcome, 'complete');
  const name = org.item(ids[roads] ?? '').service?.name ?? '';
  assert.match(name, /^Roads_[0-9a-f]{8}$/);
  const { data } = org.item(ids[map] ?? '');
  assert.equal(data?.bytes().toString(), JSON.stringify({ url: url.replace('/Roads/', `/${name}/`) }));
});

test('a name that is taken though the portal says that it is free costs nothing but the name', async (t) => {
  const world = await newWorld(t, { writing: { bin: 'off', namesLie: true } });
  const { org, portal } = world;
  const roads = await addRoads(world);
  const view = await addView(world, 'Wide', 'Roads');
  await world.backup();
  portal.writing.viewsReorder = true;
  for (const id of [view, roads]) org.deleteItem(id);
  const stranger = await addRoads(world);
  const before = await both(world, stranger);
  const { ids, items } = await world.restore({ items: [view, roads] });
  assert.match(org.item(ids[roads] ?? '').service?.name ?? '', /^Roads_[0-9a-f]{8}$/);
  // This portal numbers layers of views anew.
  assert.deepEqual(
    items.map(({ outcome, differences }) => [outcome, differences.map(({ what }) => what)]),
    [
      ['different', ['Wide roads: has number 0, not 3']],
      ['restored', []],
    ],
  );
  assert.deepEqual(await both(world, stranger), before);
});

test('a view whose source nobody has is not made: the plan says which, and nothing is written', async (t) => {
  const world = await newWorld(t, { writing: { bin: 'off' } });
  const { org, portal } = world;
  const roads = await addRoads(world);
  const view = await addView(world, 'Wide', 'Roads');
  const second = await addView(world, 'Wider', 'Wide', { name: 'Wider roads', viewDefinitionQuery: '' });
  await world.backup();
  for (const id of [second, view, roads]) org.deleteItem(id);
  const writes = portal.writesOf('keeper').length;
  const { plan } = await world.restores().plan({ items: [second, view] });
  assert.deepEqual(
    plan.items.map(({ blocked }) => [blocked?.code, blocked?.message.includes(roads)]),
    [
      ['RESTORE_SOURCE', false],
      ['RESTORE_SOURCE', true],
    ],
  );
  await assert.rejects(world.restore({ items: [second, view] }), { code: 'RESTORE_BLOCKED' });
  assert.equal(portal.writesOf('keeper').length, writes);
});

test('an Enterprise portal gives back ids and addresses, and hears of no capability that it does not know', async (t) => {
  const world = await newWorld(t, { writing: { wishedIds: 'honoured', bin: 'off' } });
  const { org } = world;
  const roads = await addRoads(world);
  const view = await addView(world, 'Wide', 'Roads');
  await world.backup();
  const before = await all(world, [roads, view]);
  const { service } = org.item(roads);
  if (service) service.capabilities += ',ChangeTracking';
  org.editSchema(roads, 3);
  await world.backup();
  for (const id of [view, roads]) org.deleteItem(id);
  const result = await world.restore({ items: [view, roads] });
  assert.deepEqual([result.outcome, result.ids], ['complete', {}], JSON.stringify(result));
  assert.deepEqual(await all(world, [roads, view]), before);
});
