import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { PortalOptions } from '../../support/portal/portal.ts';
import { globalIdsOf } from '../../support/portal/routes/write/services/load.ts';
import { errorOf, openKeepers, rest } from '../caller.ts';

const of = (name: string, rest_ = '') => `/arcgis/rest/services/${name}/FeatureServer${rest_}`;
const home = `${rest}/content/users/ana`;

/** A service, and an item with its export, as a backup has it. */
async function withExport(t: TestContext, options: PortalOptions = {}, defined = true) {
  const opened = await openKeepers(t, options);
  const { org, keeper } = opened;
  const item = org.addService({
    owner: 'ana',
    title: 'Roads',
    layers: ['Main roads'],
    tables: ['Notes'],
    rows: 3,
    defined,
  });
  const service = item.service ?? assert.fail();
  const layer = service.layers[0] ?? assert.fail();
  layer.rows[0]?.attachments.push({
    id: 1,
    name: 'a.txt',
    content: org.truth(item.record.id).export('CSV') ?? assert.fail(),
  });
  const file = { file: { name: 'roads.gdb.zip', bytes: org.truth(item.record.id).export()?.bytes() ?? assert.fail() } };
  const { id } = await keeper.send(`${home}/addItem`, file, { title: 'roads', type: 'File Geodatabase' });
  const end = async (path: string, jobId = '') => {
    for (;;) {
      const said = await keeper.read(path, jobId === '' ? {} : { jobId, jobType: 'publish' });
      if (!/pending|inprogress|processing/i.test(String(said['status']))) return said;
    }
  };
  const append = async (form: Record<string, string> = {}, at = '/0/append') => {
    const asked = { appendItemId: String(id), appendUploadFormat: 'filegdb', sourceTableName: 'Main_roads', ...form };
    const said = await keeper.post<{ statusUrl?: string }>(of('Roads', at), asked);
    return said.statusUrl === undefined ? (said as never) : end(new URL(said.statusUrl).pathname);
  };
  return { ...opened, item, service, layer, id: String(id), append, end };
}

test('an emptied layer is loaded from the export with the values, shapes and global ids that it had', async (t) => {
  const { keeper, layer, append } = await withExport(t);
  const before = layer.rows.map(({ values, geometry }) => ({ values, geometry }));
  await keeper.post('/arcgis/rest/admin/services/Roads/FeatureServer/0/truncate');
  assert.equal(layer.rows.length, 0);
  const { status, recordCount } = await append();
  assert.deepEqual([status, recordCount], ['Completed', 3]);
  assert.deepEqual(
    layer.rows.map(({ values, geometry }) => ({ values, geometry })),
    before,
  );
  assert.deepEqual(
    layer.rows.map(({ attachments }) => attachments.length),
    [0, 0, 0],
    'a layer alone has no files with it',
  );
  assert.equal(errorOf(await append({ sourceTableName: 'Other' }))?.[0], 400);
});

test('a whole service is loaded with attachments, or without them, or with new global ids', async (t) => {
  const { portal, layer, append } = await withExport(t);
  const ids = globalIdsOf(layer);
  const layerMappings = JSON.stringify([{ id: 0, sourceTableName: 'Main_roads' }]);
  const load = async () => {
    layer.rows.length = 0;
    assert.equal((await append({ layerMappings }, '/append'))['status'], 'Completed');
    return layer.rows[0]?.attachments.map(({ name }) => name);
  };
  assert.deepEqual([await load(), globalIdsOf(layer)], [['a.txt'], ids]);
  Object.assign(portal.writing, { appendAttachments: 'dropped', appendGlobalIds: 'new' });
  assert.deepEqual(await load(), []);
  assert.ok(!globalIdsOf(layer).some((id) => ids.includes(id)));
});

test('an append that fails leaves half of its rows, unless it takes them back as it was asked to', async (t) => {
  const { portal, layer, append } = await withExport(t, { writing: { appendEnds: 'failed', failedWord: 'failed' } });
  layer.rows.length = 0;
  assert.equal((await append({ rollbackOnFailure: 'true' }))['status'], 'failed');
  assert.equal(layer.rows.length, 0);
  portal.writing.appendRollsBack = false;
  await append({ rollbackOnFailure: 'true' });
  assert.equal(layer.rows.length, 2);
});

test('an upsert changes what is there and adds what is not, where the service allows it', async (t) => {
  const { service, layer, append } = await withExport(t);
  const upsert = { upsert: 'true', upsertMatchingField: 'GlobalID' };
  assert.equal(errorOf(await append(upsert))?.[0], 400, 'not with change tracking');
  service.capabilities = 'Query,Editing';
  const [gone, spoiled] = layer.rows.splice(0, 1);
  assert.ok(gone && spoiled === undefined);
  if (layer.rows[0]?.values) layer.rows[0].values['NAME'] = 'spoiled';
  assert.equal((await append(upsert))['status'], 'Completed');
  assert.deepEqual(
    layer.rows.map(({ values }) => values?.['NAME']),
    [null, 'Main roads "3", with a comma', 'Main roads "1", with a comma'],
  );
});

test('a file becomes a service of its own, and the same service again when it is overwritten', async (t) => {
  const { keeper, org, portal, id, end } = await withExport(t);
  const publish = async (publishParameters: object, more = {}) => {
    const form = {
      itemId: id,
      fileType: 'fileGeodatabase',
      publishParameters: JSON.stringify(publishParameters),
      ...more,
    };
    const { services } = await keeper.post<{ services: { serviceItemId: string; jobId: string; success?: boolean }[] }>(
      `${home}/publish`,
      form,
    );
    return services[0] ?? assert.fail();
  };
  assert.equal((await publish({ name: 'Roads' })).success, false, 'the name is taken');
  const { serviceItemId, jobId } = await publish({ name: 'Copy' });
  assert.equal((await end(`${home}/items/${serviceItemId}/status`, jobId))['status'], 'completed');
  const copy = org.services.get('Copy') ?? assert.fail();
  assert.deepEqual(
    [copy.layers[0]?.name, copy.layers[0]?.rows.length, copy.tables[0]?.rows.length],
    ['Main roads', 3, 3],
  );
  assert.deepEqual(
    globalIdsOf(copy.layers[0] ?? assert.fail()),
    globalIdsOf(org.services.get('Roads')?.layers[0] ?? assert.fail()),
  );
  copy.layers[0]?.rows.splice(0, 2);
  assert.equal((await publish({ name: 'Copy' }, { overwrite: 'true' })).serviceItemId, serviceItemId);
  assert.equal(copy.layers[0]?.rows.length, 3);
  portal.writing.publishRefuses = 'Nothing is published today.';
  assert.equal((await publish({ name: 'Never' })).success, false);
  Object.assign(portal.writing, { publishRefuses: null, publishEnds: 'failed' });
  const failing = await publish({ name: 'Failing' });
  assert.equal((await end(`${home}/items/${failing.serviceItemId}/status`, failing.jobId))['status'], 'failed');
});

test('exports of plain services, which hold no more than a geodatabase does, are known again', async (t) => {
  const { layer, append } = await withExport(t, {}, false);
  const names = layer.rows.map(({ name }) => name);
  layer.rows.length = 0;
  assert.equal((await append())['status'], 'Completed');
  assert.deepEqual(
    layer.rows.map(({ name }) => name),
    names,
  );
});

test('replicas are listed and taken away', async (t) => {
  const { keeper, service } = await withExport(t);
  assert.equal(errorOf(await keeper.post(of('Roads', '/createReplica')))?.[0], 400);
  service.capabilities = 'Query,Sync';
  await keeper.post(of('Roads', '/createReplica'), { replicaName: 'phone' });
  const list = () => keeper.read<unknown>(of('Roads', '/replicas')) as Promise<{ replicaName: string }[]>;
  assert.deepEqual(
    (await list()).map(({ replicaName }) => replicaName),
    ['phone'],
  );
  assert.deepEqual(await keeper.post(of('Roads', '/unRegisterReplica'), { replicaID: '*' }), { success: true });
  assert.deepEqual(await list(), []);
});
