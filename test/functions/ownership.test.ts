import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Archive, cloneArchive, sentences } from '../support/archive.ts';
import { newBackup } from '../support/backup.ts';
import { Organization } from '../support/portal/organization.ts';

/** The private layer of ana, and items of eve that point to it. */
function organization() {
  const org = new Organization();
  for (const name of ['ana', 'eve']) org.addMember(name);
  const secret = org.addService({ owner: 'ana', title: 'Secret', layers: ['A'], tables: ['T'], dates: 'full' });
  secret.service?.layers[0]?.rows.forEach((row) => (row.name = 'what ana shows nobody'));
  const url = '{portal}/arcgis/rest/services/Secret/FeatureServer';
  const keywords = ['Feature Service', 'Service', 'Hosted Service'];
  const stolen = [
    org.addService({ owner: 'eve', title: 'Mine', layers: ['A'], url, typeKeywords: keywords }),
    org.addService({
      owner: 'eve',
      title: 'My view',
      layers: ['A'],
      url: `${url}/0`,
      typeKeywords: [...keywords, 'View Service'],
    }),
  ];
  return { org, secret: secret.record.id, stolen: stolen.map(({ record }) => record.id) };
}

const rolesOf = (archive: Archive, id: string) =>
  (archive.items.get(id)?.manifest.parts ?? [])
    .map(({ role }) => role)
    .filter((role) => role === 'export' || role === 'layers')
    .sort();
const notesOf = (archive: Archive, id: string) => sentences(archive.items.get(id)?.manifest);

for (const serviceItemIds of ['everywhere', 'root'] as const) {
  test(`an item that points to a layer of somebody else gets neither its rows nor its definition, if ids stand ${serviceItemIds}`, async (t) => {
    const { org, secret, stolen } = organization();
    const { portal, run, store } = await newBackup(t, { org, behaviour: { serviceItemIds } });
    const record = await run();
    assert.deepEqual([record.outcome, record.added], ['complete', 3]);
    assert.equal(record.warnings.filter((text) => /belongs to the item/.test(text)).length, 2);
    // Of ana's own layer the rows are counted, and exported.
    const rows = portal.log.filter(({ path, query }) => /\d+\/query/.test(path) && query['returnCountOnly'] !== 'true');
    assert.deepEqual(rows, []);
    assert.equal(portal.log.count(/content\/users\/eve\/export/), 0);
    const archive = await cloneArchive(t, store);
    assert.deepEqual(rolesOf(archive, secret), ['export', 'layers']);
    for (const id of stolen) {
      assert.deepEqual(rolesOf(archive, id), []);
      assert.match(notesOf(archive, id), new RegExp(`belongs to the item ${secret}: neither`));
    }
    // A quiet night asks no service of its own item whose it is, and an edit of ana's rows is no news of eve's items.
    portal.log.clear();
    assert.equal((await run()).commit, null);
    assert.equal(portal.log.count(/\/FeatureServer$/), stolen.length);
    org.editRows(secret, 0);
    assert.deepEqual((await run()).changed, 1);
  });
}

test('of a service that names no item only what the record says is saved, with a note and a warning', async (t) => {
  const { org, secret, stolen } = organization();
  const { portal, run, store } = await newBackup(t, { org, behaviour: { serviceItemIds: 'nowhere' } });
  const record = await run();
  assert.deepEqual([record.outcome, record.added], ['complete', 3]);
  assert.equal(portal.log.count(/\/FeatureServer\/\d+\/query|\/export$/), 0);
  const archive = await cloneArchive(t, store);
  for (const id of [secret, ...stolen]) {
    assert.deepEqual(rolesOf(archive, id), []);
    assert.match(notesOf(archive, id), /does not say that it belongs to it/);
  }
  assert.equal((await run()).commit, null);
});

test('rows that an older version saved of a layer that is not the item’s leave the tree', async (t) => {
  const { org, secret, stolen } = organization();
  const { portal, run, store } = await newBackup(t, { org });
  const asIfOwn = (id: string) => (value: Record<string, unknown>) =>
    JSON.parse(JSON.stringify(value).replaceAll(secret, id)) as unknown;
  org.deleteItem(stolen[0] ?? '');
  org.item(secret).service?.layers.forEach((layer) => (layer.editingInfo = null));
  org.item(secret).service?.tables.forEach((layer) => (layer.editingInfo = null));
  const id = stolen[1] ?? '';
  const believed = portal.faults.add({
    match: /FeatureServer(\/layers)?$/,
    times: Infinity,
    answer: { edit: asIfOwn(id) },
  });
  await run();
  assert.deepEqual(rolesOf(await cloneArchive(t, store), id), ['export', 'export', 'layers']);
  believed.remove();
  await run();
  assert.deepEqual(rolesOf(await cloneArchive(t, store), id), []);
});
