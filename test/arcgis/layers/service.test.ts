import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stampOf } from '../../../lib/backup/stamp.ts';
import { portalPair } from '../../support/open-portal.ts';

async function itemOf(portal: Awaited<ReturnType<typeof portalPair>>['portal'], id: string) {
  return (await portal.item(id)) ?? assert.fail(id);
}

test('edit dates of layers and tables come in one request, also when the address names a layer', async (t) => {
  const { sim, portal } = await portalPair(t);
  const { record } = sim.org.addService({ owner: 'backup', title: 'Parcels', layers: ['A', 'B'], tables: ['C'] });
  const before = stampOf(1, await portal.dates(await itemOf(portal, record.id)));
  assert.equal(before.split(',').length, 1 + 3 * 3);
  sim.org.editRows(record.id, 2);
  sim.log.clear();
  const url = `${record.url?.replace('{portal}', sim.url)}/0/`;
  const after = stampOf(1, await portal.dates({ ...(await itemOf(portal, record.id)), url }));
  assert.notEqual(after, before);
  assert.equal(sim.log.count(/FeatureServer/), 1);
});

test('old services with one date, and layers without any, have a stamp', async (t) => {
  const { sim, portal } = await portalPair(t);
  for (const [dates, count] of [
    ['old', 2],
    ['none', 1],
  ] as const) {
    const { record } = sim.org.addService({ owner: 'backup', title: dates, layers: ['A'], dates });
    assert.equal(stampOf(1, await portal.dates(await itemOf(portal, record.id))).split(',').length, count);
  }
});

for (const url of [
  '{foreign}/arcgis/rest/services/x/FeatureServer',
  'https://evil.example/a.arcgis.com/FeatureServer',
  'http://user:x@127.0.0.1/FeatureServer',
]) {
  test(`a service that points to ${url} gets neither a request nor the token`, async (t) => {
    const { sim, portal } = await portalPair(t);
    const { record } = sim.org.addService({ owner: 'backup', title: 'Elsewhere', layers: ['A'], url });
    await assert.rejects(portal.dates(await itemOf(portal, record.id)), { code: 'HOST_FOREIGN' });
    assert.equal(sim.log.filter(({ host }) => host === 'foreign').length, 0);
  });
}

test('a service without an address, or with one that is none, is an error of that item', async (t) => {
  const { sim, portal } = await portalPair(t);
  const { record } = sim.org.addService({ owner: 'backup', title: 'X', layers: ['A'] });
  const item = await itemOf(portal, record.id);
  for (const url of [null, '', 'no address', 'javascript:alert(1)']) {
    await assert.rejects(portal.dates({ ...item, url }), (error: Error & { code?: string }) =>
      /^(PORTAL_ERROR|HOST_FOREIGN)$/.test(error.code ?? ''),
    );
  }
});

test('an item that is gone is undefined; one that cannot be read is an error', async (t) => {
  const { sim, portal } = await portalPair(t);
  assert.equal(await portal.item('f'.repeat(32)), undefined);
  const { record } = sim.org.addItem({ owner: 'backup', type: 'Web Map', title: 'A', json: {} });
  sim.faults.add({
    match: /content\/items/,
    answer: { error: { code: 403, messageCode: 'GWM_0003', message: 'You do not have permissions' } },
  });
  await assert.rejects(portal.item(record.id), { code: 'PORTAL_REFUSED' });
});

for (const answer of ['expiredToken', { error: { code: 499, message: 'Token Required' } }, { status: 401 }] as const) {
  test(`a service that will not take the token (${JSON.stringify(answer)}) is no trouble of the portal, until the portal itself will not`, async (t) => {
    const { sim, portal } = await portalPair(t);
    const { record } = sim.org.addService({ owner: 'backup', title: 'Sick', layers: ['A'] });
    const item = await itemOf(portal, record.id);
    sim.faults.add({ match: /FeatureServer/, times: Infinity, answer });
    await assert.rejects(portal.dates(item), { code: 'PORTAL_REFUSED' });
    sim.faults.add({
      match: /community\/self/,
      times: Infinity,
      answer: { error: { code: 499, message: 'Token Required' } },
    });
    await assert.rejects(portal.dates(item), (error: Error & { code?: string }) => /^AUTH_/.test(error.code ?? ''));
  });
}

for (const [path, expected] of [
  ['/arcgis/rest/services/Parcels/FeatureServer/3//', '/arcgis/rest/services/Parcels/FeatureServer'],
  ['/server/rest/services/Hosted/Roads/MapServer?token=x#y', '/server/rest/services/Hosted/Roads/MapServer'],
  ['/abc/ArcGIS/rest/services/a/FeatureServer/', '/abc/ArcGIS/rest/services/a/FeatureServer'],
  ['/arcgis/rest/services/%2e%2e/%2e%2e/%2e%2e/admin/FeatureServer', undefined],
  ['/arcgis/rest/services/x/FeatureServer/../../../../../sharing/rest/portals/self', undefined],
  ['/arcgis/rest/services/x/FeatureServer/0/deleteFeatures', undefined],
  ['/arcgis/portaladmin/security', undefined],
  ['/sharing/rest/content/users/backup/items/x/delete', undefined],
  ['/rest/services/x', undefined],
  [`/${'a/'.repeat(50_000)}rest/services/x/FeatureServer`, undefined],
] as const) {
  test(`${path.slice(0, 80)} is ${expected === undefined ? 'no address of a service' : 'one'}`, async (t) => {
    const { sim, portal } = await portalPair(t);
    const { record } = sim.org.addService({ owner: 'backup', title: 'Parcels', layers: ['A'] });
    const item = { ...(await itemOf(portal, record.id)), url: sim.url + path };
    sim.log.clear();
    await portal.dates(item).catch((error: Error & { code?: string }) => {
      if (expected === undefined) assert.equal(error.code, 'PORTAL_ERROR');
    });
    assert.deepEqual(
      sim.log.filter(/FeatureServer|MapServer|admin|sharing/).map((entry) => entry.path),
      expected === undefined ? [] : [`${expected}/layers`],
    );
  });
}
