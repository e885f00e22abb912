import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeLayer, filesOf } from '../../support/feature-files.ts';
import { portalPair } from '../../support/open-portal.ts';
import type { Seen } from '../../support/portal/faults.ts';

interface Feature {
  properties: Record<string, unknown>;
}

const isPage = ({ query }: Seen) => query['objectIds'] !== undefined;

/** Changes every feature of every page. */
const eachFeature = (change: (feature: Feature) => object) => (answer: Record<string, unknown>) => ({
  ...answer,
  features: (answer['features'] as Feature[]).map(change),
});

test('the order in which a server names values, and what it says beside them, does not change the bytes', async (t) => {
  const { sim, portal } = await portalPair(t);
  const { record } = sim.org.addService({ owner: 'backup', title: 'A', layers: ['A'], tables: ['B'], rows: 7 });
  const before = await filesOf(portal, record.id);
  const reversed = (values: Record<string, unknown> = {}) => Object.fromEntries(Object.entries(values).reverse());
  const edit = eachFeature(({ properties, ...rest }) => {
    const other = rest as { attributes?: Record<string, unknown> };
    return { properties: reversed(properties ?? other.attributes), requestId: 1, ...rest };
  });
  const fault = sim.faults.add({ match: isPage, times: Infinity, answer: { edit } });
  assert.deepEqual(await filesOf(portal, record.id), before);
  assert.ok(fault.hits > 0);
});

test('a layer without shapes becomes a table, and a group of layers is passed over', async (t) => {
  const { sim, portal } = await portalPair(t);
  const { record } = sim.org.addService({ owner: 'backup', title: 'X', layers: ['Group', 'Notes'] });
  describeLayer(sim, { type: 'Group Layer', geometryType: null });
  const [path] = (await filesOf(portal, record.id)).keys();
  assert.equal(path, 'features/1 Notes.geojson');
  sim.faults.clear();
  describeLayer(sim, { name: 'Readings', geometryType: null });
  const text = (await filesOf(portal, record.id)).get('features/0 Readings.geojson')?.toString() ?? '';
  assert.match(text, /"geometry":null,"properties":\{"OBJECTID":1,/);
});

test('a server that fails over many rows is asked for fewer, and gives all of them', async (t) => {
  const { sim, portal } = await portalPair(t);
  const { record } = sim.org.addService({ owner: 'backup', title: 'Coasts', layers: ['Coasts'], rows: 8 });
  const whole = await filesOf(portal, record.id);
  const answer = { error: { code: 500, message: 'Error performing query operation' } };
  sim.faults.add({ match: ({ query }) => query['objectIds']?.includes(',') === true, times: Infinity, answer });
  assert.deepEqual(await filesOf(portal, record.id), whole);
  sim.faults.clear();
  sim.faults.add({ match: ({ query }) => query['objectIds']?.includes('5') === true, times: Infinity, answer });
  await assert.rejects(filesOf(portal, record.id), { code: 'PORTAL_ERROR' });
});

test('a row that takes the place of another while the layer is read is noticed though the count is the same', async (t) => {
  const { sim, portal } = await portalPair(t);
  const { record, service } = sim.org.addService({ owner: 'backup', title: 'Parcels', layers: ['A'], rows: 6 });
  const rows = service?.layers[0]?.rows ?? assert.fail();
  const swap = () => rows.push({ ...(rows.pop() ?? assert.fail()), id: 99 });
  sim.faults.add({ match: isPage, answer: { after: () => void swap() } });
  await assert.rejects(filesOf(portal, record.id), { code: 'LISTING_INCOMPLETE' });
});

test('too many requests are waited for, and the rows come all the same', async (t) => {
  const { sim, portal, clock } = await portalPair(t);
  const { record } = sim.org.addService({ owner: 'backup', title: 'Parcels', layers: ['A'] });
  const whole = await filesOf(portal, record.id);
  const start = clock.now();
  sim.faults.add({ match: isPage, answer: '429-in-200' });
  assert.deepEqual(await filesOf(portal, record.id), whole);
  assert.ok(clock.now() - start >= 60_000);
});

test('a layer that is described oddly is counted and read all the same', async (t) => {
  const { sim, portal } = await portalPair(t);
  const { record } = sim.org.addService({ owner: 'backup', title: 'X', layers: ['X'], rows: 7 });
  const odd = { hasZ: 'no', hasAttachments: 0, maxRecordCount: '3', editingInfo: [], advancedQueryCapabilities: 'all' };
  describeLayer(sim, { ...odd, fields: [{ name: 'OBJECTID', type: 'esriFieldTypeOID' }, { name: 5 }, null] });
  const item = (await portal.item(record.id)) ?? assert.fail();
  assert.deepEqual(await portal.countRows(item), [{ id: 0, name: 'X', rows: 7, attachments: 0, lastRow: 7 }]);
  const [text] = (await filesOf(portal, record.id)).values();
  assert.equal((JSON.parse(text?.toString() ?? '') as { features: Feature[] }).features.length, 7);
});
