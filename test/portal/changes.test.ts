import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorOf, openCallers, openKeepers, rest } from './caller.ts';

const of = (owner: string, id: string) => `${rest}/content/users/${owner}/items/${id}`;

test('a plain delete only fills the recycle bin; permanentDelete=true deletes, from there as well', async (t) => {
  const { keeper, org } = await openKeepers(t);
  const { id } = org.addItem({ owner: 'ana', type: 'PDF', title: 'Plan' }).record;
  assert.equal((await keeper.post(`${of('ana', id)}/delete`))['success'], true);
  assert.equal(org.items.get(id)?.recycled, true);
  assert.equal((await keeper.post(`${of('ana', id)}/delete`, { permanentDelete: 'true' }))['success'], true);
  assert.equal(org.items.has(id), false);
  assert.deepEqual(errorOf(await keeper.post(`${of('ana', id)}/delete`)), [400, 'CONT_0001']);
});

test('a wrong owner in the address, missing rights or GET delete nothing', async (t) => {
  const { keeper, ben, org } = await openKeepers(t);
  const { id } = org.addItem({ owner: 'ana', type: 'PDF', title: 'Plan', access: 'org' }).record;
  const permanentDelete = 'true';
  assert.deepEqual(errorOf(await keeper.post(`${of('backup', id)}/delete`, { permanentDelete })), [400, 'CONT_0001']);
  assert.deepEqual(errorOf(await ben.post(`${of('ana', id)}/delete`, { permanentDelete })), [403, 'GWM_0003']);
  assert.equal((await keeper.get(`${of('ana', id)}/delete`, { permanentDelete })).status, 405);
  assert.equal(org.items.get(id)?.recycled, false);
});

test('a protected item is not deleted before it is unprotected', async (t) => {
  const { keeper, org } = await openKeepers(t);
  const { id } = org.addItem({ owner: 'ana', type: 'PDF', title: 'Plan' }).record;
  await keeper.post(`${of('ana', id)}/protect`);
  const { error } = await keeper.post(`${of('ana', id)}/delete`, { permanentDelete: 'true' });
  assert.equal(error?.message, `Unable to delete item ${id}. Delete protection is turned on.`);
  await keeper.post(`${of('ana', id)}/unprotect`);
  assert.equal((await keeper.post(`${of('ana', id)}/delete`, { permanentDelete: 'true' }))['success'], true);
});

test('deleteItems tells the outcome of each', async (t) => {
  const { keeper, org } = await openKeepers(t);
  const mine = org.addItem({ owner: 'ana', type: 'PDF', title: 'A' }).record.id;
  const other = org.addItem({ owner: 'ben', type: 'PDF', title: 'B' }).record.id;
  const { results } = await keeper.post<{ results: { itemId: string; success: boolean }[] }>(
    `${rest}/content/users/ana/deleteItems`,
    { items: `${mine},${other}`, permanentDelete: 'true' },
  );
  assert.deepEqual(
    results.map(({ itemId, success }) => [itemId, success]),
    [
      [mine, true],
      [other, false],
    ],
  );
  assert.deepEqual([...org.items.keys()], [other]);
});

test('sharing with a group leaves the access alone, unless everyone or org is sent, be it as false', async (t) => {
  const { keeper, org } = await openKeepers(t);
  const group = org.addGroup('Crew').id;
  const { record, groups } = org.addItem({ owner: 'ana', type: 'PDF', title: 'Plan', access: 'org' });
  const modified = record.modified;
  await keeper.post(`${of('ana', record.id)}/share`, { groups: group });
  assert.deepEqual([record.access, [...groups]], ['org', [group]]);
  await keeper.post(`${rest}/content/items/${record.id}/share`, { groups: group, everyone: 'false', org: 'false' });
  assert.equal(record.access, 'shared');
  await keeper.post(`${of('ana', record.id)}/unshare`, { groups: group });
  assert.deepEqual([[...groups], record.modified], [[], modified]);
});

test('every attempt to change something is a write, also at addresses that the simulation does not know', async (t) => {
  const { admin, org, portal } = await openCallers(t);
  const { id } = org.addService({ owner: 'ana', title: 'Plan', layers: ['A'] }).record;
  const attempts = [
    `${of('ana', id)}/update`,
    `${of('ana', id)}/delete`,
    `${of('ana', id)}/protect`,
    `${rest}/content/items/${id}/share`,
    `${rest}/content/users/ana/addItem`,
    `${rest}/content/users/ana/createFolder`,
    `${rest}/community/createGroup`,
    `${rest}/community/users/ana/disable`,
    '/arcgis/rest/services/Plan/FeatureServer/0/applyEdits',
    '/arcgis/rest/admin/services/Plan/FeatureServer/updateDefinition',
  ];
  for (const path of attempts) {
    const response = await fetch(portal.url + path, { method: 'POST' });
    await response.arrayBuffer();
  }
  assert.deepEqual(
    portal.writes().map(({ path }) => path),
    attempts,
  );
  portal.log.clear();
  for (const path of ['/content/users/ana', '/portals/self/users', '/search']) await admin.post(rest + path);
  assert.deepEqual(portal.writes(), [], 'reads answer POST and are none');
});

test('starting an export and deleting what it made are no writes; deleting anything else is, export or not', async (t) => {
  const { admin, org, portal } = await openCallers(t);
  const { id: itemId } = org.addService({ owner: 'ana', title: 'Parcels', layers: ['A'] }).record;
  const form = { itemId, exportFormat: 'Shapefile', title: 'Copy' };
  const { exportItemId } = await admin.post<{ exportItemId: string }>(`${rest}/content/users/ana/export`, form);
  assert.deepEqual(
    portal.leftovers().map(({ record }) => record.id),
    [exportItemId],
  );
  await admin.post(`${of('ana', exportItemId)}/delete`);
  assert.equal(portal.leftovers().length, 1, 'the recycle bin counts');
  await admin.post(`${of('ana', exportItemId)}/delete`, { permanentDelete: 'true' });
  assert.deepEqual([portal.leftovers(), portal.writes()], [[], []]);
  assert.deepEqual(errorOf(await admin.post(`${of('ana', itemId)}/delete`)), [403, 'GWM_0003']);
  assert.equal(portal.writes().length, 1);
  const tags = ['ago-backup-temporary'];
  const alike = org.addItem({ owner: 'ana', type: 'Shapefile', title: 'ago-backup temporary export', tags }).record.id;
  await admin.post(`${of('ana', alike)}/delete`, { permanentDelete: 'true' });
  assert.equal(portal.writes().length, 2, 'what an item says of itself is no proof');
});
