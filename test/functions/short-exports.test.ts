import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertSameAsPortal, cloneArchive, sentences } from '../support/archive.ts';
import { newBackup } from '../support/backup.ts';
import { contentOf } from '../support/portal/content.ts';
import type { Holds } from '../support/portal/export-bytes.ts';
import type { ExportRules } from '../support/portal/jobs.ts';
import { Organization } from '../support/portal/organization.ts';

/** One service of three layers and tables. */
function parcels(): { org: Organization; id: string } {
  const org = new Organization();
  const rows = { Parcels: 9, Lots: 4, Owners: 6 };
  const fields = { owner: 'backup', title: 'Parcels', layers: ['Parcels', 'Lots'], tables: ['Owners'], rows };
  return { org, id: org.addService(fields).record.id };
}

for (const [holds, why] of [
  ['empty', /none of the 9 rows of "Parcels"/],
  ['short', /6 of the 9 rows of "Parcels"/],
  ['lacking', /lacks "Owners"/],
  ['cut', /damaged/],
] as [Holds, RegExp][]) {
  test(`an export that is ${holds} is not taken for the layer's backup: its rows are read, and backup.json says so`, async (t) => {
    const { org, id } = parcels();
    const { portal, run, store } = await newBackup(t, { org, rules: { holds } });
    assert.equal((await run()).outcome, 'complete');
    const archive = await cloneArchive(t, store);
    await assertSameAsPortal(archive, portal);
    const manifest = archive.items.get(id)?.manifest ?? assert.fail();
    const { parts, layers } = manifest;
    const exported = parts.filter(({ role }) => role === 'export').map(({ path }) => path.split('/')[0]);
    assert.deepEqual(exported, ['features', 'features', 'features']);
    assert.match(sentences(manifest), why);
    assert.deepEqual(
      layers?.map(({ name, rows }) => [name, rows]),
      [
        ['Parcels', 9],
        ['Lots', 4],
        ['Owners', 6],
      ],
    );
    assert.deepEqual(portal.leftovers(), []);
  });
}

for (const [holds, tables] of [
  ['empty', ['T', 'U']],
  ['short', ['T']],
  ['short', ['T', 'U']],
  ['cut', ['T']],
] as const) {
  test(`${tables.length} tables whose CSV is ${holds} are read row by row`, async (t) => {
    const org = new Organization();
    const rows = { T: 8, U: 5 };
    const { id } = org.addService({ owner: 'backup', title: 'Checks', tables: [...tables], rows }).record;
    const { portal, run, store } = await newBackup(t, { org, rules: { holds } });
    assert.equal((await run()).outcome, 'complete');
    const archive = await cloneArchive(t, store);
    await assertSameAsPortal(archive, portal);
    assert.match(sentences(archive.items.get(id)?.manifest), /Rows were read by queries\. /);
  });
}

test('a layer whose export lacks rows and whose rows cannot be read keeps the version it had', async (t) => {
  const { org, id } = parcels();
  const { portal, run, store } = await newBackup(t, { org });
  await run();
  const before = (await cloneArchive(t, store)).items.get(id);
  org.editRows(id, 0);
  portal.jobs.rules.holds = 'short';
  const answer = { error: { code: 400, message: 'Unable to complete operation.' } };
  portal.faults.add({ match: ({ query }) => query['objectIds'] !== undefined, times: Infinity, answer });
  const { outcome, failures } = await run();
  assert.deepEqual([outcome, failures.map(({ code }) => code)], ['partial', ['EXPORT_FAILED']]);
  assert.match(failures[0]?.message ?? '', /6 of the 9 rows.* Reading it row by row failed as well/);
  assert.deepEqual(
    failures.map(({ part }) => part),
    ['features'],
  );
  const { manifest } = (await cloneArchive(t, store)).items.get(id) ?? assert.fail();
  const { parts, layers, notes } = before?.manifest ?? assert.fail();
  const rows = (all: typeof parts) => all.filter(({ role }) => role === 'export');
  assert.deepEqual([rows(manifest.parts), manifest.layers, manifest.notes], [rows(parts), layers, notes]);
});

test('a geodatabase of a kind that cannot be counted is saved, with a note', async (t) => {
  const { org, id } = parcels();
  const { portal, run, store } = await newBackup(t, { org, rules: { holds: 'foreign' } });
  assert.equal((await run()).outcome, 'complete');
  const manifest = (await cloneArchive(t, store)).items.get(id)?.manifest ?? assert.fail();
  assert.deepEqual(
    manifest.parts.filter(({ role }) => role === 'export').map(({ path }) => path),
    ['Parcels.zip'],
  );
  assert.match(sentences(manifest), /Rows of the export were not counted/);
  assert.deepEqual(portal.leftovers(), []);
});

/** Adds a row to the first layer, as often as the export is asked for how it is doing. */
function addRows(org: Organization, id: string) {
  return () => {
    const rows = org.item(id).service?.layers[0]?.rows ?? assert.fail();
    rows.push({ ...(rows[0] ?? assert.fail()), id: rows.length + 1 });
    org.editRows(id, 0);
  };
}

test('an export of a layer that gets rows meanwhile is made once more', async (t) => {
  const { org, id } = parcels();
  const { portal, run, store } = await newBackup(t, { org });
  portal.faults.add({ match: /\/status$/, times: 1, answer: { after: addRows(org, id) } });
  await run();
  assert.equal(portal.log.count(/\/export$/), 2);
  const archive = await cloneArchive(t, store);
  await assertSameAsPortal(archive, portal);
  assert.equal(sentences(archive.items.get(id)?.manifest), 'The portal has no data for this item.');
  assert.deepEqual(portal.leftovers(), []);
});

test('a layer that gets rows all the time is saved with a note, and again the next night', async (t) => {
  const { org, id } = parcels();
  const { portal, run, store } = await newBackup(t, { org });
  portal.faults.add({ match: /\/status$/, times: Infinity, answer: { after: addRows(org, id) } });
  assert.equal((await run()).outcome, 'complete');
  assert.equal(portal.log.count(/\/export$/), 2);
  const { manifest } = (await cloneArchive(t, store)).items.get(id) ?? assert.fail();
  assert.match(sentences(manifest), /Rows were added or deleted/);
  assert.equal(manifest.parts.filter(({ role }) => role === 'export').length, 1);
  portal.faults.clear();
  assert.equal((await run()).changed, 1);
  await assertSameAsPortal(await cloneArchive(t, store), portal);
});

for (const [name, layers, rules] of [
  ['with names of any kind', ['Roads / "A"', '2024 counts', 'Straße 道'], {}],
  ['with names that a geodatabase cannot tell apart', ['A b', 'A_b', 'a-b', 'A b_1'], {}],
  ['without rows', ['Empty'], {}],
  ['of tables alone', [], { tablesOnly: 'works' }],
] as [string, string[], Partial<ExportRules>][]) {
  test(`a whole export ${name} is taken as it is`, async (t) => {
    const org = new Organization();
    const rows = Object.fromEntries(layers.map((layer, n) => [layer, layer === 'Empty' ? 0 : 7 - n]));
    const fields = { owner: 'backup', title: 'X', layers, tables: ['Notes'], rows };
    const { record, service } = org.addService(fields);
    service?.tables[0]?.rows[0]?.attachments.push({ id: 1, name: 'a.txt', content: contentOf('a') });
    const { portal, run, store } = await newBackup(t, { org, rules });
    assert.equal((await run()).outcome, 'complete');
    const archive = await cloneArchive(t, store);
    await assertSameAsPortal(archive, portal);
    const { manifest } = archive.items.get(record.id) ?? assert.fail();
    assert.equal(sentences(manifest), 'The portal has no data for this item.');
    assert.deepEqual(manifest.layers?.at(-1)?.attachments, name.includes('apart') ? null : 1);
  });
}

/** A view of one layer: it is read by queries always. */
function view(rows: number): { org: Organization; id: string } {
  const org = new Organization();
  const { id: viewOf } = org.addService({ owner: 'backup', title: 'Source', layers: ['A'], rows }).record;
  return { org, id: org.addService({ owner: 'backup', title: 'View', layers: ['A'], viewOf, rows }).record.id };
}

test('rows that come while a layer is read make it be read again, and all are saved', async (t) => {
  const { org, id } = view(9);
  const { portal, run, store } = await newBackup(t, { org });
  portal.faults.add({ match: ({ query }) => query['objectIds'] !== undefined, answer: { after: addRows(org, id) } });
  assert.equal((await run()).outcome, 'complete');
  const archive = await cloneArchive(t, store);
  await assertSameAsPortal(archive, portal);
  assert.deepEqual(archive.items.get(id)?.manifest.layers, [{ id: 0, name: 'A', rows: 10, attachments: 0 }]);
});

for (const [name, answer] of [
  ['refuses GeoJSON', { error: { code: 400, message: 'Output format not supported.' } }],
  ['gives GeoJSON in a way of its own', { status: 200, headers: { 'Content-Type': 'application/json' }, body: '{}' }],
  ['is asked for GeoJSON and answers in its own', undefined],
] as const) {
  test(`a server that ${name} is asked for Esri JSON, and the rows are saved`, async (t) => {
    const { org, id } = view(7);
    const { portal, run, store } = await newBackup(t, { org });
    if (answer !== undefined)
      portal.faults.add({ match: ({ query }) => query['f'] === 'geojson', times: Infinity, answer });
    else
      for (const { service } of org.items.values())
        for (const layer of service?.layers ?? []) layer.shape = { ignoresFormat: true };
    assert.equal((await run()).outcome, 'complete');
    const archive = await cloneArchive(t, store);
    await assertSameAsPortal(archive, portal);
    const { parts = [] } = archive.items.get(id)?.manifest ?? {};
    assert.deepEqual(
      parts.filter(({ role }) => role === 'export').map(({ path }) => path),
      ['features/0 A.json'],
    );
  });
}
