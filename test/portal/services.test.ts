import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contentOf } from '../support/portal/content.ts';
import { errorOf, openCallers, type Caller } from './caller.ts';

interface Layers {
  layers: Layer[];
  tables: Layer[];
}
interface Layer {
  id: number;
  name: string;
  editingInfo?: { lastEditDate?: number; schemaLastEditDate?: number; dataLastEditDate?: number };
}
interface Rows {
  features: { attributes: { OBJECTID: number }; properties: { OBJECTID: number } }[];
  exceededTransferLimit?: boolean;
  properties?: { exceededTransferLimit?: boolean };
}

const of = (name: string, rest = '') => `/arcgis/rest/services/${name}/FeatureServer${rest}`;

test('edit dates stand in /layers and in each layer, of tables too, and never in the service itself', async (t) => {
  const { admin, org } = await openCallers(t);
  org.addService({ owner: 'ana', title: 'Parcels', layers: ['A', 'B'], tables: ['C'] });
  const root = await admin.read<Layers>(of('Parcels'));
  assert.deepEqual(
    [...root.layers, ...root.tables].map((each) => [each.id, each.name, 'editingInfo' in each]),
    [
      [0, 'A', false],
      [1, 'B', false],
      [2, 'C', false],
    ],
  );
  const full = await admin.read<Layers>(of('Parcels', '/layers'));
  for (const each of [...full.layers, ...full.tables]) assert.ok(each.editingInfo?.lastEditDate, each.name);
  assert.deepEqual(await admin.read(of('Parcels', '/2')), full.tables[0]);
  assert.deepEqual(
    await admin.read('/arcgis/rest/admin/services/Parcels/FeatureServer'),
    await admin.read(of('Parcels')),
  );
});

test('editing rows moves two dates of that layer, a schema change only one of its own, neither the item', async (t) => {
  const { admin, org } = await openCallers(t);
  const { record } = org.addService({ owner: 'ana', title: 'Parcels', layers: ['A'], tables: ['B'] });
  const { modified } = record;
  const dates = async () => {
    const { layers, tables } = await admin.read<Layers>(of('Parcels', '/layers'));
    return [layers[0]?.editingInfo ?? {}, tables[0]?.editingInfo ?? {}] as const;
  };
  const [layer, before] = await dates();
  org.editRows(record.id, 1);
  const [same, table] = await dates();
  assert.deepEqual(same, layer);
  assert.deepEqual(table, { ...before, lastEditDate: org.now, dataLastEditDate: org.now });
  org.editSchema(record.id, 1);
  const [, changed] = await dates();
  assert.deepEqual(changed, { ...table, schemaLastEditDate: org.now });
  assert.ok((changed.lastEditDate ?? 0) < (changed.schemaLastEditDate ?? 0), 'lastEditDate may be the older one');
  assert.equal(record.modified, modified);
});

test('old services have one date, others none', async (t) => {
  const { admin, org } = await openCallers(t);
  org.addService({ owner: 'ana', title: 'Old', layers: ['A'], dates: 'old' });
  org.addService({ owner: 'ana', title: 'None', layers: ['A'], dates: 'none' });
  const info = async (name: string) => (await admin.read<Layers>(of(name, '/layers'))).layers[0]?.editingInfo;
  assert.deepEqual(Object.keys((await info('Old')) ?? {}), ['lastEditDate']);
  assert.equal(await info('None'), undefined);
});

test('a service that is not public wants a token, one that is gone is an error, all inside HTTP 200', async (t) => {
  const { ben, nobody, org } = await openCallers(t);
  org.addService({ owner: 'ana', title: 'Private', layers: ['A'] });
  org.addService({ owner: 'ana', title: 'Public', layers: ['A'], access: 'public' });
  for (const path of ['', '/layers', '/0', '/0/query', '/sources'])
    assert.deepEqual(errorOf(await nobody.read(of('Private', path))), [499, 'GWM_0003'], path);
  assert.deepEqual(errorOf(await ben.read(of('Private'))), [499, 'GWM_0003']);
  assert.equal(errorOf(await nobody.read(of('Public', '/layers'))), undefined);
  assert.deepEqual(errorOf(await nobody.read(of('Gone'))), [400]);
  assert.deepEqual(errorOf(await nobody.read(of('Public', '/7'))), [400]);
});

test('a view says so at the service, at its layers and in its keywords, and names its source', async (t) => {
  const { admin, org } = await openCallers(t);
  const source = org.addService({ owner: 'ana', title: 'Parcels', layers: ['A'] }).record;
  const { record } = org.addService({ owner: 'ana', title: 'View', layers: ['A'], viewOf: source.id });
  assert.ok(record.typeKeywords.includes('View Service') && record.typeKeywords.includes('Hosted Service'));
  assert.equal((await admin.read(of('View')))['isView'], true);
  assert.equal((await admin.read(of('View', '/0')))['isView'], true);
  assert.deepEqual((await admin.read(of('View', '/sources')))['services'], [
    { serviceItemId: source.id, name: 'Parcels' },
  ]);
});

for (const [f, idOf, more] of [
  ['json', (row) => row.attributes.OBJECTID, (page) => page.exceededTransferLimit],
  ['geojson', (row) => row.properties.OBJECTID, (page) => page.properties?.exceededTransferLimit],
] as [string, (row: Rows['features'][0]) => number, (page: Rows) => boolean | undefined][]) {
  test(`all rows are read page by page as ${f}, in an order only if one is asked for`, async (t) => {
    const { admin, org } = await openCallers(t);
    org.addService({ owner: 'ana', title: 'Parcels', layers: ['A', 'B'], rows: { A: 8 } });
    const query = (path: string, params: Record<string, string>) =>
      admin.read<Rows>(of('Parcels', `/${path}/query`), { f, where: '1=1', ...params });
    const ids: number[][] = [];
    for (let offset = 0, goesOn = true; goesOn; offset = ids.flat().length) {
      const page = await query('0', { resultOffset: String(offset), orderByFields: 'OBJECTID' });
      ids.push(page.features.map(idOf));
      goesOn = more(page) === true;
    }
    assert.deepEqual(ids, [
      [1, 2, 3],
      [4, 5, 6],
      [7, 8],
    ]);
    const two = await query('0', { resultOffset: '6', resultRecordCount: '2', orderByFields: 'OBJECTID' });
    assert.deepEqual([two.features.map(idOf), more(two)], [[7, 8], undefined]);
    assert.equal((await query('0', { resultRecordCount: '2000' })).features.length, 3, 'maxRecordCount is the limit');
    assert.deepEqual((await query('0', {})).features.map(idOf), [3, 2, 1]);
    assert.deepEqual((await query('0', { objectIds: '8,2' })).features.map(idOf), [8, 2]);
    assert.equal(more(await query('1', {})), true, 'five rows by default');
  });
}

test('a query counts rows and gives their ids without a limit', async (t) => {
  const { admin, org } = await openCallers(t);
  org.addService({ owner: 'ana', title: 'Parcels', tables: ['A'], rows: 7 });
  const ask = (params: Record<string, string>) => admin.post(of('Parcels', '/0/query'), { where: '1=1', ...params });
  assert.equal((await ask({ returnCountOnly: 'true' }))['count'], 7);
  assert.deepEqual((await ask({ returnIdsOnly: 'true' }))['objectIds'], [7, 6, 5, 4, 3, 2, 1]);
});

test('attachments of many rows are silently cut off, those of one row are all there', async (t) => {
  const { admin, org } = await openCallers(t);
  const { service } = org.addService({ owner: 'ana', title: 'Trees', layers: ['Trees'] });
  for (const row of service?.layers[0]?.rows.slice(0, 2) ?? [])
    for (const id of [1, 2]) row.attachments.push({ id, name: `${id}.txt`, content: contentOf(`${row.id} ${id}`) });
  const names = async (caller: Caller, path: string, key: string) =>
    (await caller.read(of('Trees', path), { objectIds: '1,2,3' }))[key] as { attachmentInfos: object[] }[];
  const groups = await names(admin, '/0/queryAttachments', 'attachmentGroups');
  assert.deepEqual(
    groups.map(({ attachmentInfos }) => attachmentInfos.length),
    [2, 1],
  );
  assert.equal((await names(admin, '/0/2/attachments', 'attachmentInfos')).length, 2);
  assert.equal(await (await admin.get(of('Trees', '/0/2/attachments/1'))).text(), '2 1');
});
