import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { assertSameAsPortal, readArchive, type Held } from '../../support/archive.ts';
import { newBackup } from '../../support/backup.ts';
import { VirtualClock } from '../../support/clock.ts';
import { MemoryStore } from '../../../lib/storage/memory.ts';
import type { FaultAnswer, Seen } from '../../support/portal/faults.ts';
import { contentOf } from '../../support/portal/content.ts';
import { Organization } from '../../support/portal/organization.ts';
import { countLies } from '../../support/portal/row-faults.ts';

const internal: FaultAnswer = { error: { code: 500, message: 'Error performing query operation' } };
const noService: FaultAnswer = { error: { code: 400, message: 'Invalid URL', details: ['Invalid URL'] } };

/** A layer that is exported, and a view of three layers that is read by queries. */
function services() {
  const org = new Organization();
  const layer = org.addService({ owner: 'backup', title: 'Parcels', layers: ['Parcels', 'Lots'], tables: ['Owners'] });
  const fields = { layers: ['A', 'B'], tables: ['C'], viewOf: layer.record.id };
  const view = org.addService({ owner: 'backup', title: 'View', ...fields });
  return { org, layer: layer.record.id, view: view.record.id, service: view.service ?? assert.fail() };
}

async function backupOf(t: TestContext, org: Organization) {
  const store = new MemoryStore({ clock: new VirtualClock() });
  const backup = await newBackup(t, { org, store, settings: { BACKUP_RECHECK_DAYS: '0' } });
  return { ...backup, held: () => readArchive(store) };
}

const at = (name: string) => (seen: Seen) => seen.path.includes(`/services/${name}/`);

function manifestOf(held: Held, id: string) {
  return held.items.get(id)?.manifest ?? assert.fail(id);
}

const rowsOf = (held: Held, id: string) =>
  Object.fromEntries(
    manifestOf(held, id)
      .parts.filter(({ role }) => role === 'export' || role === 'layers')
      .map(({ path, sha256 }) => [path, sha256]),
  );

for (const [what, answer, code] of [
  ['is down', { status: 503 }, 'PORTAL_UNREACHABLE'],
  ['lies on a server that breaks every connection', 'reset', 'PORTAL_UNREACHABLE'],
  ['is stopped', { error: { code: 500, message: 'Service View/FeatureServer not started' } }, 'PORTAL_ERROR'],
  ['is gone', noService, 'PORTAL_ERROR'],
  ['is gone from its server', { status: 404 }, 'PORTAL_ANSWER'],
] as [string, FaultAnswer, string][]) {
  test(`a service that ${what} costs its rows for the night, which stay as they were, and nothing else of the item`, async (t) => {
    const { org, view, layer } = services();
    const { portal, run, held } = await backupOf(t, org);
    await run();
    const before = await held();
    for (const id of [view, layer]) org.editItem(id, { snippet: 'new' });
    const faults = [at('View'), at('Parcels')].map((match) => portal.faults.add({ match, times: Infinity, answer }));
    const first = await run();
    assert.deepEqual([first.outcome, first.changed, first.failed, first.gaps], ['partial', 2, 0, 2]);
    const told = first.failures.map((each) => [each.itemId, each.part, each.code]).sort();
    assert.deepEqual(told, [view, layer].map((id) => [id, 'features', code]).sort());
    const now = await held();
    for (const id of [view, layer]) {
      assert.deepEqual(rowsOf(now, id), rowsOf(before, id));
      assert.deepEqual(manifestOf(now, id).layers, manifestOf(before, id).layers);
      assert.match((await now.read(`${now.items.get(id)?.path}/item.json`)).toString(), /"snippet": "new"/);
    }
    for (const fault of faults) fault.remove();
    const back = await run();
    assert.deepEqual([back.outcome, back.changed, back.gaps], ['complete', 2, 0]);
    await assertSameAsPortal(await held(), portal);
    assert.equal((await run()).commit, null);
  });
}

test('an item whose service was never there is saved with a note, and when there is one, with its rows', async (t) => {
  const { org, view } = services();
  const { portal, run, held } = await backupOf(t, org);
  const fault = portal.faults.add({ match: at('View'), times: Infinity, answer: noService });
  const first = await run();
  assert.deepEqual([first.outcome, first.added, first.failures], ['complete', 2, []]);
  assert.match(JSON.stringify(manifestOf(await held(), view).notes), /service of this item is not there/);
  assert.equal((await run()).commit, null, 'a quiet night');
  fault.remove();
  assert.deepEqual((await run()).changed, 1);
  await assertSameAsPortal(await held(), portal);
});

test('a service that is gone is a gap the first night, for it may be back, and a note from the second', async (t) => {
  const { org, layer } = services();
  const { portal, run, held } = await backupOf(t, org);
  await run();
  const before = await held();
  const fault = portal.faults.add({ match: at('Parcels'), times: Infinity, answer: noService });
  assert.equal((await run()).gaps, 1);
  const second = await run();
  assert.deepEqual([second.outcome, second.changed, second.gaps], ['complete', 1, 0]);
  assert.deepEqual(rowsOf(await held(), layer), rowsOf(before, layer));
  assert.equal((await run()).commit, null);
  fault.remove();
  assert.equal((await run()).outcome, 'complete');
  const now = await held();
  assert.doesNotMatch(JSON.stringify(manifestOf(now, layer).notes), /not there/);
  await assertSameAsPortal(now, portal);
});

test('one layer of a view that cannot be read costs that layer, which keeps its version; only it is read the next night', async (t) => {
  const { org, view, service } = services();
  const { portal, run, held } = await backupOf(t, org);
  await run();
  const before = rowsOf(await held(), view);
  for (const { rows } of [...service.layers, ...service.tables]) rows.pop();
  org.editRows(view, 0);
  const match = /View\/FeatureServer\/1\/query$/;
  const fault = portal.faults.add({ match, times: Infinity, answer: internal });
  const first = await run();
  const part = 'features/1 B.geojson';
  assert.deepEqual(
    first.failures.map((each) => [each.itemId, each.part, each.code]),
    [[view, part, 'PORTAL_ERROR']],
  );
  assert.deepEqual([first.outcome, first.failed, first.gaps], ['partial', 0, 1]);
  const now = await held();
  assert.equal(rowsOf(now, view)[part], before[part]);
  assert.notEqual(rowsOf(now, view)['features/0 A.geojson'], before['features/0 A.geojson']);
  const rows = (manifest: ReturnType<typeof manifestOf>) => manifest.layers?.map((each) => each.rows);
  assert.deepEqual(rows(manifestOf(now, view)), [4, 5, 4], 'of the layer that could not be read, what is there');
  portal.log.clear();
  assert.deepEqual((await run()).gaps, 1, 'it is tried again');
  assert.equal(portal.log.count(/View\/FeatureServer\/[02]\/query/), 0);
  fault.remove();
  const back = await run();
  assert.deepEqual([back.outcome, back.gaps], ['complete', 0]);
  await assertSameAsPortal(await held(), portal);
  assert.equal((await run()).commit, null);
});

test('where the export fails as well, the export of before stays for the layer that cannot be read, and goes when it can', async (t) => {
  const { org, layer } = services();
  const { portal, run, held } = await backupOf(t, org);
  await run();
  const before = rowsOf(await held(), layer);
  org.editRows(layer, 0);
  portal.jobs.rules.holds = 'short';
  const match = /Parcels\/FeatureServer\/1\/query$/;
  const fault = portal.faults.add({
    match: (seen) => match.test(seen.path) && 'objectIds' in seen.query,
    times: Infinity,
    answer: internal,
  });
  const first = await run();
  const part = 'features/1 Lots.geojson';
  assert.deepEqual(
    first.failures.map((each) => [each.part, each.code]),
    [[part, 'EXPORT_FAILED']],
  );
  assert.match(first.failures[0]?.message ?? '', /Reading it row by row failed as well/);
  const now = rowsOf(await held(), layer);
  assert.equal(now['Parcels.zip'], before['Parcels.zip']);
  assert.deepEqual(Object.keys(now), [
    'Parcels.zip',
    'features/0 Parcels.geojson',
    'features/2 Owners.geojson',
    'layers.json',
  ]);
  fault.remove();
  assert.equal((await run()).outcome, 'complete');
  const read = await held();
  assert.deepEqual(
    Object.keys(rowsOf(read, layer)).filter((path) => path.includes('Parcels.zip')),
    [],
  );
  await assertSameAsPortal(read, portal);
  portal.jobs.rules.holds = 'whole';
  assert.equal((await run()).outcome, 'complete');
  assert.deepEqual(Object.keys(rowsOf(await held(), layer)), ['Parcels.zip', 'layers.json']);
});

for (const [answer, code] of [
  [{ status: 404 }, undefined],
  [{ error: { code: 404, message: 'Attachment not found.' } }, undefined],
  [{ error: { code: 403, messageCode: 'GWM_0003', message: 'You do not have permissions' } }, undefined],
  [{ error: { code: 500, message: 'Internal error' } }, 'PORTAL_ERROR'],
  [{ status: 500 }, 'PORTAL_UNREACHABLE'],
  ['half', 'ITEM_TRUNCATED'],
] as [FaultAnswer, string | undefined][]) {
  test(`an attachment that answers ${JSON.stringify(answer)} costs that attachment, which keeps its version`, async (t) => {
    const { org, view, service } = services();
    const row = service.layers[0]?.rows[0] ?? assert.fail();
    row.attachments.push(
      { id: 1, name: 'a.txt', content: contentOf('the first') },
      { id: 2, name: 'b.txt', content: contentOf('the second') },
    );
    const { portal, run, held } = await backupOf(t, org);
    await run();
    const before = rowsOf(await held(), view);
    row.attachments.push({ id: 3, name: 'c.txt', content: contentOf('the third') });
    service.layers[0]?.rows.pop();
    org.editRows(view, 0);
    const fault = portal.faults.add({ match: /\/1\/attachments\/[13]$/, times: Infinity, answer });
    const first = await run();
    const paths = ['1 a.txt', '3 c.txt'].map((name) => `features/attachments/0/1/${name}`);
    assert.deepEqual(
      first.failures.map((each) => [each.part, each.code]),
      code === undefined ? [] : paths.map((path) => [path, code]),
    );
    assert.equal(first.changed, 1);
    const now = await held();
    const parts = rowsOf(now, view);
    assert.deepEqual([parts[paths[0] ?? ''], parts[paths[1] ?? '']], [before[paths[0] ?? ''], undefined]);
    assert.notEqual(parts['features/0 A.geojson'], before['features/0 A.geojson']);
    if (code === undefined) assert.match(JSON.stringify(manifestOf(now, view).notes), /attachments\/0\/1\/3 c\.txt/);
    portal.log.clear();
    const second = await run();
    assert.deepEqual([second.commit, second.gaps], [null, code === undefined ? 0 : 1]);
    assert.equal(portal.log.count(/\/query$|attachments\/2$/), 0, 'only what was lacking is asked for again');
    fault.remove();
    if (code === undefined) org.editRows(view, 0);
    assert.equal((await run()).outcome, 'complete');
    await assertSameAsPortal(await held(), portal);
  });
}

test('a view that is closed to queries is saved without its rows, with a note, and quietly', async (t) => {
  const { org, layer } = services();
  const fields = { owner: 'backup', title: 'Form', layers: ['A'], viewOf: layer, capabilities: 'Create,Editing' };
  const { id } = org.addService(fields).record;
  const { run, held } = await backupOf(t, org);
  const first = await run();
  assert.deepEqual([first.outcome, first.failures], ['complete', []]);
  const { notes, parts, layers } = manifestOf(await held(), id);
  assert.match(JSON.stringify(notes), /Rows of .*A.* are closed to queries/);
  assert.deepEqual(layers, [{ id: 0, name: 'A', rows: null, attachments: null }]);
  assert.deepEqual(
    parts.map(({ role }) => role).filter((role) => role === 'export' || role === 'layers'),
    ['layers'],
  );
  assert.equal((await run()).commit, null);
});

test('a service whose count is always wrong is saved with a note, and not again before it is edited', async (t) => {
  const { org, view } = services();
  const { portal, run, held } = await backupOf(t, org);
  portal.faults.add(countLies(1));
  const first = await run();
  assert.deepEqual([first.outcome, first.failures], ['complete', []]);
  const now = await held();
  assert.match(JSON.stringify(manifestOf(now, view).notes), /"A\\*": the service counts 6 and gives 5/);
  assert.deepEqual(
    manifestOf(now, view).layers?.map(({ rows }) => rows),
    [5, 5, 5],
  );
  await assertSameAsPortal(now, portal);
});
