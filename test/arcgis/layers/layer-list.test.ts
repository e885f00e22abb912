import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { describeLayer } from '../../support/feature-files.ts';
import { bytesOf, portalPair } from '../../support/open-portal.ts';
import type { FaultAnswer } from '../../support/portal/faults.ts';

const failing: FaultAnswer = { error: { code: 500, message: 'Error: Object reference not set to an instance.' } };

/** A service of three layers of which one cannot be described, which spoils the answer for all of them. */
async function withBroken(t: TestContext) {
  const pair = await portalPair(t);
  const { sim, portal } = pair;
  const fields = { owner: 'backup', title: 'X', layers: ['A', 'B'], tables: ['C'], rows: 4 };
  const { record } = sim.org.addService(fields);
  sim.faults.add({ match: /FeatureServer\/(layers|1)$/, times: Infinity, answer: failing });
  return { ...pair, item: (await portal.item(record.id)) ?? assert.fail() };
}

test('one layer that cannot be described costs no other: each is asked for by itself', async (t) => {
  const { portal, item } = await withBroken(t);
  const [a, b, c] = await portal.features(item);
  for (const layer of [a, c]) {
    for await (const file of layer?.files(layer.form) ?? [])
      if ('open' in file) await bytesOf((await file.open()).body);
    assert.equal(layer?.count().rows, 4);
  }
  assert.deepEqual([b?.id, b?.path], [1, 'features/1 B.geojson']);
  await assert.rejects(b?.files('geojson').next() ?? assert.fail(), { code: 'PORTAL_ERROR', message: /layer 1: / });
  const { layers, tables } = await portal.dates(item);
  assert.deepEqual([layers?.length, tables?.length], [2, 1]);
  const counts = (await portal.countRows(item)).map(({ name, rows }) => [name, rows]);
  assert.deepEqual(counts, [
    ['A', 4],
    ['B', null],
    ['C', 4],
  ]);
});

test('the definition of a broken layer is asked of the version before, and the others are as they are', async (t) => {
  const { portal, item } = await withBroken(t);
  const asked: string[] = [];
  const { layers } = await portal.definition(item, async (key, read) => {
    const answer = await read().catch(() => (key === 'layers/1' ? { id: 1, name: 'B of yesterday' } : undefined));
    asked.push(key);
    return answer;
  });
  assert.ok(asked.includes('layers/1'));
  const names = (layers as { layers: { name: string }[] }).layers.map(({ name }) => name);
  assert.deepEqual(names, ['A', 'B of yesterday']);
});

test('what stands among the layers and is none costs no layer; a number may be a text, a date anything', async (t) => {
  const { sim, portal } = await portalPair(t);
  const { record } = sim.org.addService({ owner: 'backup', title: 'X', layers: ['A'], rows: 4 });
  describeLayer(sim, { id: '0', editingInfo: { lastEditDate: 'yesterday' } });
  const edit = (answer: Record<string, unknown>) => ({
    layers: [
      JSON.parse(JSON.stringify((answer['layers'] as object[])[0]).replace('"id":0', '"id":"0"')),
      { name: 'none' },
    ],
    tables: [null],
  });
  sim.faults.clear();
  sim.faults.add({ match: /\/layers$/, times: Infinity, answer: { edit } });
  const item = (await portal.item(record.id)) ?? assert.fail();
  const [a, ...others] = await portal.features(item);
  for await (const file of a?.files('geojson') ?? []) if ('open' in file) await bytesOf((await file.open()).body);
  assert.deepEqual([a?.id, a?.count().rows], [0, 4]);
  for (const other of others) await assert.rejects(other.files('geojson').next(), { code: 'PORTAL_ANSWER' });
  assert.equal(others.length, 2);
  assert.equal((await portal.dates(item)).layers?.length, 2);

  // The same where layers are asked for one by one.
  sim.faults.clear();
  sim.faults.add({ match: /\/layers$/, times: Infinity, answer: failing });
  const listed = (answer: Record<string, unknown>) => ({ ...answer, tables: [null, { name: 'none' }] });
  sim.faults.add({ match: /FeatureServer$/, times: Infinity, answer: { edit: listed } });
  const apart = await portal.features(item);
  assert.deepEqual(
    apart.map(({ id }) => id),
    [0, undefined, undefined],
  );
});

test('a service that is not there, or does not answer, is told as that, and its layers are not asked for', async (t) => {
  const { sim, portal } = await portalPair(t);
  const { record } = sim.org.addService({ owner: 'backup', title: 'X', layers: ['A'] });
  const item = (await portal.item(record.id)) ?? assert.fail();
  sim.faults.add({ match: /FeatureServer/, times: Infinity, answer: failing });
  sim.log.clear();
  await assert.rejects(portal.features(item), { code: 'PORTAL_ERROR' });
  assert.equal(sim.log.count(/FeatureServer/), 2);
  assert.equal(sim.log.count(/FeatureServer\/\d/), 0);
});
