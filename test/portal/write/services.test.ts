import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { errorOf, openKeepers, rest } from '../caller.ts';

const of = (name: string, rest_ = '') => `/arcgis/rest/services/${name}/FeatureServer${rest_}`;
const adminOf = (name: string, rest_ = '') => `/arcgis/rest/admin/services/${name}/FeatureServer${rest_}`;
const home = `${rest}/content/users/ana`;

type Json = Record<string, unknown>;
type Keepers = Awaited<ReturnType<typeof openKeepers>>;

const fields = [
  { name: 'OBJECTID', type: 'esriFieldTypeOID' },
  { name: 'GlobalID', type: 'esriFieldTypeGlobalID' },
  { name: 'street', type: 'esriFieldTypeString', length: 5 },
  { name: 'lanes', type: 'esriFieldTypeInteger' },
];

async function makeService({ keeper }: Keepers, name: string, more: Json = {}) {
  const createParameters = JSON.stringify({ name, capabilities: 'Query,Editing', ...more });
  const form = { createParameters, outputType: 'featureService', ...(more['isView'] === true && { isView: 'true' }) };
  return keeper.post(`${home}/createService`, form);
}

async function withRoads(t: TestContext, options = {}) {
  const opened = await openKeepers(t, options);
  await makeService(opened, 'Roads');
  const layers = [{ id: 3, name: 'Roads', geometryType: 'esriGeometryPoint', fields, hasAttachments: true }];
  const addToDefinition = JSON.stringify({ layers, tables: [{ id: 7, name: 'Notes', fields }] });
  assert.deepEqual(await opened.keeper.post(adminOf('Roads', '/addToDefinition'), { addToDefinition }), {
    success: true,
  });
  const service = opened.org.services.get('Roads') ?? assert.fail();
  return { ...opened, service, layer: service.layers[0] ?? assert.fail() };
}

const row = (street: string, lanes: number | null, GlobalID?: string) => ({
  attributes: { street, lanes, ...(GlobalID !== undefined && { GlobalID }) },
  geometry: { x: 1, y: 2 },
});
const first = '{11111111-1111-4111-8111-111111111111}';

test('a service is made empty and private under a free name; one in the bin is not free', async (t) => {
  const opened = await openKeepers(t);
  const { keeper, portal } = opened;
  const made = await makeService(opened, 'Roads');
  const { itemId, serviceurl, name, isView } = made;
  assert.deepEqual([serviceurl, name, isView], [portal.url + of('Roads'), 'Roads', false]);
  const item = await keeper.read(`${rest}/content/items/${String(itemId)}`);
  assert.deepEqual([item['type'], item['access'], item['url']], ['Feature Service', 'private', serviceurl]);
  const isFree = async () =>
    (await keeper.read(`${rest}/portals/self/isServiceNameAvailable`, { name: 'roads' }))['available'];
  assert.equal(errorOf(await makeService(opened, 'ROADS'))?.[0], 400);
  await keeper.post(`${home}/items/${String(itemId)}/delete`);
  assert.equal(errorOf(await keeper.read(of('Roads')))?.[0], 400, 'what lies in the bin does not answer');
  assert.equal(await isFree(), false);
  assert.equal(errorOf(await makeService(opened, 'Roads'))?.[0], 400);
  await keeper.post(`${home}/items/${String(itemId)}/delete`, { permanentDelete: 'true' });
  assert.equal(await isFree(), true);
  assert.equal((await makeService(opened, 'Roads'))['success'], true);
});

test('layers keep their ids, and say all that they were defined with', async (t) => {
  const { keeper } = await withRoads(t);
  const { layers, tables } = await keeper.read<Record<string, Json[]>>(of('Roads'));
  assert.deepEqual([layers?.[0]?.['id'], tables?.[0]?.['id']], [3, 7]);
  const layer = await keeper.read(of('Roads', '/3'));
  const shown = ['name', 'fields', 'globalIdField', 'hasAttachments', 'supportsTruncate', 'geometryType'].map(
    (key) => layer[key],
  );
  assert.deepEqual(shown, ['Roads', fields, 'GlobalID', true, true, 'esriGeometryPoint']);
  const change = { fields: [{ name: 'street', alias: 'Street' }], drawingInfo: { renderer: { type: 'simple' } } };
  const post = (body: object, verb = 'updateDefinition') =>
    keeper.post(adminOf('Roads', `/3/${verb}`), { [verb]: JSON.stringify(body) });
  assert.deepEqual(await post(change), { success: true });
  assert.equal(errorOf(await post({ fields: [{ name: 'street', length: 9 }] }))?.[0], 400);
  await post({ fields: [{ name: 'new', type: 'esriFieldTypeDate' }] }, 'addToDefinition');
  await post({ fields: [{ name: 'lanes' }] }, 'deleteFromDefinition');
  const after = await keeper.read<{ fields: Json[]; drawingInfo: object }>(of('Roads', '/3'));
  assert.deepEqual(
    [after.fields.map((each) => each['name']), after.fields[2]?.['alias'], after.drawingInfo],
    [['OBJECTID', 'GlobalID', 'street', 'new'], 'Street', change.drawingInfo],
  );
  const service = { updateDefinition: JSON.stringify({ capabilities: 'Query' }) };
  const { statusURL } = await keeper.post<{ statusURL: string }>(adminOf('Roads', '/updateDefinition'), {
    ...service,
    async: 'true',
  });
  const status = async () => (await keeper.read(new URL(statusURL).pathname))['status'];
  assert.deepEqual([await status(), await status()], ['InProgress', 'Completed']);
  assert.equal((await keeper.read(of('Roads')))['capabilities'], 'Query');
});

test('rows are added, changed and deleted; one that fails takes all others of its call back', async (t) => {
  const { keeper, layer } = await withRoads(t);
  const edit = (edits: Json, more: Record<string, string> = {}) =>
    keeper.post<Record<string, { success: boolean; objectId: number; globalId?: string }[]>>(
      of('Roads', '/3/applyEdits'),
      {
        ...Object.fromEntries(Object.entries(edits).map(([name, value]) => [name, JSON.stringify(value)])),
        ...more,
      },
    );
  const { addResults } = await edit({ adds: [row('A1', 2, first), row('B', null)] }, { useGlobalIds: 'true' });
  assert.deepEqual(
    addResults?.map(({ success }) => success),
    [false, false],
    'the second brings no global id',
  );
  assert.equal(layer.rows.length, 0);
  const added = await edit({ adds: [row('A1', 2, first)] }, { useGlobalIds: 'true' });
  assert.deepEqual(added['addResults'], [{ objectId: 2, globalId: first, success: true }]);
  const again = await edit({ adds: [row('A1', 2, first)] }, { useGlobalIds: 'true' });
  assert.equal(again['addResults']?.[0]?.success, false);
  const free = await edit({ adds: [row('B', 1), row('too long', 1)] }, { rollbackOnFailure: 'false' });
  assert.deepEqual(
    free['addResults']?.map(({ success }) => success),
    [true, false],
  );
  await edit({ updates: [{ attributes: { OBJECTID: 2, lanes: 9 } }] });
  const { features } = await keeper.read<{ features: Json[] }>(of('Roads', '/3/query'), { where: 'lanes = 9' });
  const { count } = await keeper.read<{ count: number }>(of('Roads', '/3/query'), { returnCountOnly: 'true' });
  assert.deepEqual(
    [features, count],
    [[{ attributes: { OBJECTID: 2, GlobalID: first, street: 'A1', lanes: 9 }, geometry: { x: 1, y: 2 } }], 2],
  );
  assert.equal(errorOf((await edit({ adds: [row('C', 1)] }, { useGlobalIds: 'true' })) as never), undefined);
  await keeper.post(of('Roads', '/3/deleteFeatures'), { where: `GlobalID IN ('${first.slice(1, -1)}')` });
  assert.deepEqual(
    layer.rows.map((each) => each.values?.['street']),
    ['B'],
  );
  const { deleteResults } = await keeper.post(of('Roads', '/3/deleteFeatures'), { objectIds: '99' });
  assert.equal((deleteResults as { success: boolean }[])[0]?.success, false);
});

test('a layer without global ids knows no useGlobalIds, and plain layers of other tests can be edited as well', async (t) => {
  const { keeper, org } = await openKeepers(t);
  const { service } = org.addService({ owner: 'ana', title: 'Old', layers: ['A'], rows: 2 });
  const before = await keeper.read(of('Old', '/0/query'));
  const adds = JSON.stringify([{ attributes: { NAME: 'new' }, geometry: { x: 5, y: 5 } }]);
  assert.equal(
    (await keeper.post(of('Old', '/0/applyEdits'), { adds, useGlobalIds: 'true' })).error?.message,
    "'useGlobalIds' parameter is invalid.",
  );
  await keeper.post(of('Old', '/0/addFeatures'), { features: adds });
  assert.deepEqual(
    service?.layers[0]?.rows.map(({ name }) => name),
    ['A "1", with a comma', null, 'new'],
  );
  await keeper.post(of('Old', '/0/deleteFeatures'), { objectIds: '3' });
  assert.deepEqual(await keeper.read(of('Old', '/0/query')), before);
});

test('truncating begins again at 1, and is refused to views, with sync, and to the origin of a relationship', async (t) => {
  const { keeper, portal, service, layer } = await withRoads(t);
  const truncate = () => keeper.post(adminOf('Roads', '/3/truncate'));
  const add = async () =>
    (
      await keeper.post<{ addResults: { objectId: number }[] }>(of('Roads', '/3/addFeatures'), {
        features: JSON.stringify([row('A', 1)]),
      })
    ).addResults[0]?.objectId;
  assert.deepEqual([await add(), await add()], [1, 2]);
  assert.deepEqual(await truncate(), { success: true });
  assert.deepEqual([layer.rows.length, await add()], [0, 1]);
  service.capabilities = 'Query,Sync';
  assert.equal(errorOf(await truncate())?.[0], 400);
  assert.equal((await keeper.read(of('Roads', '/3')))['supportsTruncate'], false);
  service.capabilities = 'Query';
  Object.assign(layer.definition ?? {}, { relationships: [{ id: 0, role: 'esriRelRoleOrigin' }] });
  assert.equal(errorOf(await truncate())?.[0], 400);
  Object.assign(layer.definition ?? {}, { relationships: [] });
  portal.writing.failedJobs = true;
  const { statusURL } = await keeper.post<{ statusURL: string }>(adminOf('Roads', '/3/truncate'), { async: 'true' });
  await keeper.read(new URL(statusURL).pathname);
  assert.deepEqual([await keeper.read(new URL(statusURL).pathname), layer.rows.length], [{ status: 'Failed' }, 1]);
});

test('files at rows are added and deleted, by row number or by global ids', async (t) => {
  const { keeper, layer } = await withRoads(t);
  await keeper.post(of('Roads', '/3/applyEdits'), { adds: JSON.stringify([row('A', 1, first)]), useGlobalIds: 'true' });
  const attachment = { name: 'a.txt', bytes: 'one' };
  const { addAttachmentResult } = await keeper.send(of('Roads', '/3/1/addAttachment'), { attachment });
  assert.deepEqual({ ...(addAttachmentResult as object), globalId: '' }, { objectId: 1, globalId: '', success: true });
  const uploaded = await keeper.send<{ item: { itemID: string } }>(of('Roads', '/uploads/upload'), {
    file: { name: 'b.txt', bytes: 'two' },
  });
  const globalId = '{22222222-2222-4222-8222-222222222222}';
  const adds = [
    { globalId, parentGlobalId: first, name: 'b.txt', contentType: 'text/plain', uploadId: uploaded.item.itemID },
  ];
  await keeper.post(of('Roads', '/3/applyEdits'), { attachments: JSON.stringify({ adds }), useGlobalIds: 'true' });
  const { attachmentInfos } = await keeper.read<{ attachmentInfos: Json[] }>(of('Roads', '/3/1/attachments'));
  assert.deepEqual(
    attachmentInfos.map((each) => [each['id'], each['name'], each['size']]),
    [
      [1, 'a.txt', 3],
      [2, 'b.txt', 3],
    ],
  );
  assert.equal(attachmentInfos[1]?.['globalId'], globalId);
  assert.equal(await (await keeper.get(of('Roads', '/3/1/attachments/2'))).text(), 'two');
  await keeper.post(of('Roads', '/3/1/deleteAttachments'), { attachmentIds: '1' });
  assert.deepEqual(
    layer.rows[0]?.attachments.map(({ id }) => id),
    [2],
  );
});

test('while tracking is on the portal says who edited and when; switched on again it may make new fields', async (t) => {
  const { keeper, portal, layer } = await withRoads(t, { writing: { trackingRenews: true } });
  const track = (enableEditorTracking: boolean) =>
    keeper.post(adminOf('Roads', '/updateDefinition'), {
      updateDefinition: JSON.stringify({ editorTrackingInfo: { enableEditorTracking } }),
    });
  await track(true);
  const add = (Creator: string) =>
    keeper.post(of('Roads', '/3/addFeatures'), {
      features: JSON.stringify([{ attributes: { street: 'A', Creator } }]),
    });
  await add('somebody');
  await track(false);
  await add('somebody');
  assert.deepEqual(
    layer.rows.map((each) => each.values?.['Creator']),
    ['keeper', 'somebody'],
  );
  await track(true);
  const { editFieldsInfo } = await keeper.read(of('Roads', '/3'));
  assert.equal((editFieldsInfo as Json)['creatorField'], 'Creator_1');
  portal.writing.trackingRenews = false;
  await track(false);
  await track(true);
  assert.equal(((await keeper.read(of('Roads', '/3')))['editFieldsInfo'] as Json)['creatorField'], 'Creator_1');
});

test('a view shows the rows of its source with its own fields and filter, and its recipe to administrators alone', async (t) => {
  const opened = await withRoads(t);
  const { keeper, admin, org, layer } = opened;
  await keeper.post(of('Roads', '/3/addFeatures'), { features: JSON.stringify([row('A', 1), row('B', 2)]) });
  await makeService(opened, 'Roads_view', { isView: true });
  const recipe = {
    viewLayerDefinition: {
      table: { sourceServiceName: 'Roads', sourceLayerId: 3, sourceLayerFields: [{ name: 'street' }] },
    },
  };
  const add = (adminLayerInfo: object) =>
    keeper.post(adminOf('Roads_view', '/addToDefinition'), {
      addToDefinition: JSON.stringify({
        layers: [{ id: 0, name: 'Only', viewDefinitionQuery: 'lanes > 1', adminLayerInfo }],
      }),
    });
  assert.equal(
    errorOf(await add({ viewLayerDefinition: { table: { sourceServiceName: 'None', sourceLayerId: 3 } } }))?.[0],
    400,
  );
  assert.deepEqual(await add(recipe), { success: true });
  const { features } = await keeper.read<{ features: Json[] }>(of('Roads_view', '/0/query'));
  assert.deepEqual(
    features.map((each) => each['attributes']),
    [{ OBJECTID: 2, street: 'B' }],
  );
  const view = org.services.get('Roads_view') ?? assert.fail();
  assert.equal(view.viewOf, org.services.get('Roads')?.itemId);
  assert.deepEqual((await admin.read(adminOf('Roads_view', '/0')))['adminLayerInfo'], recipe);
  assert.equal((await admin.read(of('Roads_view', '/0')))['adminLayerInfo'], undefined);
  await keeper.post(of('Roads_view', '/0/addFeatures'), { features: JSON.stringify([row('C', 3)]) });
  assert.equal(layer.rows.length, 3, 'what is added through a view is in its source');
  assert.equal(errorOf(await keeper.post(adminOf('Roads_view', '/0/truncate')))?.[0], 400);
});

test("the backup's account and strangers change no service", async (t) => {
  const { admin, ben, nobody, layer } = await withRoads(t);
  const paths = [
    ...['addToDefinition', '3/updateDefinition', 'deleteFromDefinition', 'refresh', '3/truncate'].map((verb) =>
      adminOf('Roads', `/${verb}`),
    ),
    ...['3/applyEdits', '3/addFeatures', '3/append', '3/deleteFeatures', 'uploads/upload', '3/1/addAttachment'].map(
      (verb) => of('Roads', `/${verb}`),
    ),
    ...['createService', 'publish'].map((verb) => `${home}/${verb}`),
  ];
  for (const path of paths) {
    assert.deepEqual(errorOf(await admin.post(path, { features: '[]' })), [403, 'GWM_0003'], path);
    assert.notEqual(errorOf(await ben.post(path, { features: '[]' })), undefined, path);
    assert.deepEqual(errorOf(await nobody.post(path, {})), [499, 'GWM_0003'], path);
  }
  assert.equal(layer.rows.length, 0);
});
