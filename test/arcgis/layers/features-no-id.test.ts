import assert from 'node:assert/strict';
import { test } from 'node:test';
import { filesOf } from '../../support/feature-files.ts';
import { bytesOf, portalPair } from '../../support/open-portal.ts';

/** A service whose first layer says that its rows have no object id. */
async function withoutIds(t: Parameters<typeof portalPair>[0], rows: number) {
  const pair = await portalPair(t);
  const { sim, portal } = pair;
  const { record, service } = sim.org.addService({ owner: 'backup', title: 'X', layers: ['A'], tables: ['B'], rows });
  const edit = (answer: Record<string, unknown>) => {
    const [{ fields, ...first }, ...others] = answer['layers'] as [{ fields: { name: string }[] }];
    return { ...answer, layers: [{ ...first, objectIdField: null, fields: fields.slice(1) }, ...others] };
  };
  sim.faults.add({ match: /\/layers$/, times: Infinity, answer: { edit } });
  const read = async () =>
    JSON.parse((await filesOf(portal, record.id)).get('features/0 A.geojson')?.toString() ?? '') as Read;
  return { ...pair, record, read, held: service?.layers[0]?.rows ?? assert.fail() };
}

interface Read {
  features: { properties: { NAME: string | null } }[];
}

test('rows without an object id are read page by page, all of them, and a note says so', async (t) => {
  const { portal, record, read, held } = await withoutIds(t, 8);
  const { features } = await read();
  assert.deepEqual(
    features.map(({ properties }) => properties.NAME),
    held.map(({ name }) => name),
  );
  const [layer] = await portal.features((await portal.item(record.id)) ?? assert.fail());
  for await (const file of layer?.files(layer.form) ?? []) if ('open' in file) await bytesOf((await file.open()).body);
  const text = 'Rows of "A" have no object id: they were read in the order of their values.';
  assert.deepEqual(layer?.notes(), [{ code: 'ROWS_WITHOUT_ID', text }]);
});

test('a server that turns no pages, or rows that come meanwhile, fail the reading', async (t) => {
  const { sim, read, held } = await withoutIds(t, 8);
  const fault = sim.faults.add({
    match: ({ query }) => query['resultOffset'] === '3',
    answer: { after: () => void held.push({ ...(held[0] ?? assert.fail()), id: 99 }) },
  });
  await assert.rejects(read(), { code: 'LISTING_INCOMPLETE' });
  assert.equal(fault.hits, 1);
  const again = JSON.stringify({
    features: held.slice(0, 3).map(({ id, name }) => ({ type: 'Feature', properties: { id, NAME: name } })),
  });
  const body = { status: 200, headers: { 'Content-Type': 'application/json' }, body: again };
  sim.faults.add({ match: ({ query }) => query['orderByFields'] !== undefined, times: Infinity, answer: body });
  await assert.rejects(read(), { code: 'ITEM_TRUNCATED', message: /gives the same 3 again/ });
});
