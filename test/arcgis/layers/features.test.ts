import assert from 'node:assert/strict';
import { test } from 'node:test';
import { filesOf } from '../../support/feature-files.ts';
import { portalPair } from '../../support/open-portal.ts';

test('every row of every layer and table is read, in the order of their ids, whatever order the server has', async (t) => {
  const { sim, portal } = await portalPair(t);
  const { record } = sim.org.addService({
    owner: 'backup',
    title: 'Parcels',
    layers: ['Parks / "A"'],
    tables: ['Owners'],
    rows: 10,
  });
  const files = await filesOf(portal, record.id);
  assert.deepEqual([...files.keys()], ['features/0 Parks - -A-.geojson', 'features/1 Owners.geojson']);
  const { features } = JSON.parse(files.get('features/0 Parks - -A-.geojson')?.toString() ?? '') as {
    features: { properties: { OBJECTID: number }; geometry: object }[];
  };
  assert.deepEqual(
    features.map(({ properties }) => properties.OBJECTID),
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
  );
  assert.deepEqual(features[3]?.geometry, { type: 'Point', coordinates: [4, 4] });
});

test('rows of a table say NULL where there is no value, which an empty text is not', async (t) => {
  const { sim, portal } = await portalPair(t);
  const { record, service } = sim.org.addService({ owner: 'backup', title: 'B', tables: ['B'], rows: 3 });
  const rows = service?.tables[0]?.rows ?? assert.fail();
  Object.assign(rows[0] ?? {}, { name: '', day: 9e15 });
  const text = (await filesOf(portal, record.id)).get('features/0 B.geojson')?.toString() ?? '';
  const { features } = JSON.parse(text) as { features: { geometry: null; properties: object }[] };
  assert.deepEqual(
    features.map(({ geometry, properties }) => [geometry, properties]),
    rows.map(({ id, name, day }) => [null, { OBJECTID: id, NAME: name, DAY: day }]),
  );
});

test('the same rows give the same bytes, and reading them changes nothing', async (t) => {
  const { sim, portal } = await portalPair(t);
  const { record } = sim.org.addService({ owner: 'backup', title: 'Parcels', layers: ['A'], tables: ['B'], rows: 7 });
  assert.deepEqual(await filesOf(portal, record.id), await filesOf(portal, record.id));
  assert.deepEqual(sim.writes(), []);
});

test('an empty layer gives an empty collection', async (t) => {
  const { sim, portal } = await portalPair(t);
  const { record } = sim.org.addService({ owner: 'backup', title: 'Empty', layers: ['A'], rows: 0 });
  const text = [...(await filesOf(portal, record.id)).values()][0]?.toString() ?? '';
  assert.deepEqual(JSON.parse(text), { type: 'FeatureCollection', features: [] });
});

for (const [name, change] of [
  ['added', (rows: { id: number }[]) => rows.push({ ...(rows[0] as object), id: 99 })],
  ['deleted', (rows: { id: number }[]) => rows.pop()],
] as const) {
  test(`a row that is ${name} while the layer is read fails the reading instead of making half a layer`, async (t) => {
    const { sim, portal } = await portalPair(t);
    const { record, service } = sim.org.addService({ owner: 'backup', title: 'Parcels', layers: ['A'], rows: 10 });
    const rows = service?.layers[0]?.rows ?? assert.fail();
    sim.faults.add({
      match: ({ query }) => query['objectIds']?.startsWith('4') === true,
      answer: { after: () => void change(rows) },
    });
    await assert.rejects(filesOf(portal, record.id), { code: 'LISTING_INCOMPLETE' });
  });
}

test('rows of a service that points elsewhere are not asked for', async (t) => {
  const { sim, portal } = await portalPair(t);
  const { record } = sim.org.addService({
    owner: 'backup',
    title: 'X',
    layers: ['A'],
    url: '{foreign}/arcgis/rest/services/x/FeatureServer',
  });
  await assert.rejects(filesOf(portal, record.id), { code: 'HOST_FOREIGN' });
});
