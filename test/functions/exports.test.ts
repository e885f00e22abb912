import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { assertSameAsPortal, cloneArchive, readArchive, sentences } from '../support/archive.ts';
import { MemoryStore } from '../../lib/storage/memory.ts';
import { newBackup } from '../support/backup.ts';
import { VirtualClock } from '../support/clock.ts';
import { aroundInvocations, type Execute } from '../support/invocations.ts';
import { watched } from '../support/stores/counting.ts';
import { Organization } from '../support/portal/organization.ts';
import type { ExportRules } from '../support/portal/jobs.ts';

function layers(): Organization {
  const org = new Organization();
  org.addMember('ana');
  org.addService({ owner: 'ana', title: 'Parcels', layers: ['A', 'B'], tables: ['C'] });
  org.addService({ owner: 'ana', title: 'Inspections', tables: ['T'] });
  return org;
}

for (const [name, rules] of [
  ['after many polls', { polls: 30 }],
  ['under our own name only', { underOwner: 'refused' }],
  ['whose bytes come late', { unready: 3 }],
  ['as CSV, when a service has only tables and its geodatabase is refused', { tablesOnly: 'refused' }],
  ['as CSV, when a service has only tables and its geodatabase fails', { tablesOnly: 'failed' }],
] as [string, Partial<ExportRules>][]) {
  test(`layers are saved ${name}, and no export is left`, async (t) => {
    const { portal, run, store } = await newBackup(t, { org: layers(), rules });
    const record = await run();
    assert.deepEqual([record.outcome, record.added, record.warnings], ['complete', 2, []]);
    await assertSameAsPortal(await cloneArchive(t, store), portal);
    assert.deepEqual(portal.leftovers(), []);
  });
}

for (const [name, rules, code] of [
  ['fail', { end: 'failed' }, 'EXPORT_FAILED'],
  ['never end', { end: 'never' }, 'EXPORT_TIMEOUT'],
  [
    'are refused',
    { refuse: { code: 403, messageCode: 'GWM_0003', message: 'You do not have permissions' } },
    'EXPORT_REFUSED',
  ],
] as [string, Partial<ExportRules>, string][]) {
  test(`exports that ${name} are replaced by queries, which backup.json says, and no export is left`, async (t) => {
    const { portal, run, store } = await newBackup(t, { org: layers(), rules });
    assert.equal((await run()).outcome, 'complete');
    const archive = await cloneArchive(t, store);
    await assertSameAsPortal(archive, portal);
    for (const { manifest } of archive.items.values())
      assert.match(sentences(manifest), /Rows were read by queries\. /);
    assert.deepEqual(portal.leftovers(), []);
  });

  test(`exports that ${name}, of layers that cannot be queried either, fail with ${code}, and no export is left`, async (t) => {
    const { portal, run } = await newBackup(t, { org: layers(), rules });
    portal.faults.add({
      match: /\/query$/,
      times: Infinity,
      answer: { error: { code: 400, message: 'Unable to complete operation.' } },
    });
    const record = await run();
    assert.equal(record.outcome, 'partial');
    assert.deepEqual([...new Set(record.failures.map((failure) => failure.code))], [code]);
    assert.deepEqual(portal.leftovers(), []);
  });
}

test('an export that cannot be deleted is reported, and the item is saved all the same', async (t) => {
  const { portal, run } = await newBackup(t, { org: layers() });
  portal.faults.add({
    match: /\/delete$/,
    times: Infinity,
    answer: { error: { code: 500, message: 'Unable to delete item' } },
  });
  const record = await run();
  assert.equal(record.added, 2);
  assert.match(record.warnings.join(), /EXPORT_NOT_DELETED/);
  portal.faults.clear();
  await run();
  assert.deepEqual(portal.leftovers(), []);
});

test('a hosted layer whose address points elsewhere fails with HOST_FOREIGN, and no token leaves', async (t) => {
  const org = layers();
  org.addService({
    owner: 'ana',
    title: 'Elsewhere',
    layers: ['A'],
    url: '{foreign}/arcgis/rest/services/x/FeatureServer',
  });
  const { run } = await newBackup(t, { org });
  const record = await run();
  assert.deepEqual(
    record.failures.map(({ code }) => code),
    ['HOST_FOREIGN'],
  );
});

test('an export larger than the threshold becomes a Git LFS object, whole', async (t) => {
  const org = new Organization();
  org.addService({ owner: 'backup', title: 'Big', layers: ['A'], exportBytes: 9_000_000 });
  const { portal, run, store } = await newBackup(t, { org });
  await run();
  const archive = await cloneArchive(t, store);
  await assertSameAsPortal(archive, portal);
  const exported = [...archive.items.values()].flatMap(({ manifest }) =>
    manifest.parts.filter(({ role }) => role === 'export'),
  );
  assert.deepEqual(
    exported.map(({ lfs }) => lfs),
    [true],
  );
});

for (const [name, rules] of [
  ['failed', { end: 'failed' }],
  ['did not end', { end: 'never' }],
  ['was refused', { refuse: { code: 403, messageCode: 'GWM_0003', message: 'You do not have permissions' } }],
] as [string, Partial<ExportRules>][]) {
  test(`layers whose export ${name} are exported the next night, as if nothing had been, also without rechecks`, async (t) => {
    const { portal, run, store } = await newBackup(t, { org: layers(), rules, settings: { BACKUP_RECHECK_DAYS: '0' } });
    await run();
    // As long as it cannot be exported, the rows are not read anew, and nothing changes.
    portal.log.clear();
    const again = await run();
    assert.deepEqual([again.outcome, again.commit, again.unchanged], ['complete', null, 2]);
    const rows = portal.log.filter(({ path, query }) => /\d+\/query/.test(path) && !('returnCountOnly' in query));
    assert.deepEqual(rows, []);
    assert.equal(portal.log.count(/\/data$/), 0);
    Object.assign(portal.jobs.rules, { end: 'completed', refuse: null });
    assert.equal((await run()).changed, 2);
    const archive = await cloneArchive(t, store);
    await assertSameAsPortal(archive, portal);
    for (const { manifest } of archive.items.values()) assert.doesNotMatch(sentences(manifest), /Rows were read/);
    assert.deepEqual(portal.leftovers(), []);
    portal.log.clear();
    assert.equal((await run()).commit, null);
    assert.equal(portal.log.count(/\/export$/), 0, 'exported once and for all');
  });
}

test('a layer that cannot be exported and was shared keeps its rows and gets its new record', async (t) => {
  const { portal, run, store } = await newBackup(t, { org: layers(), rules: { end: 'failed' } });
  await run();
  const { id } = portal.org.shelves.all('ana')[0]?.record ?? assert.fail();
  portal.org.quietlyEdit(id, { access: 'org' });
  portal.log.clear();
  assert.equal((await run()).changed, 1);
  assert.equal(portal.log.filter(({ query }) => 'returnIdsOnly' in query).length, 0);
  await assertSameAsPortal(await cloneArchive(t, store), portal);
});

test('what waits for exports keeps no other item from being saved, and no more are prepared at a time than allowed', async (t) => {
  const org = new Organization();
  for (let n = 0; n < 6; n++) org.addService({ owner: 'backup', title: `Layer ${n}`, layers: ['A'] });
  const maps = new Set<string | undefined>();
  for (let n = 0; n < 12; n++)
    maps.add(org.addItem({ owner: 'backup', type: 'Web Map', title: `Map ${n}`, json: { n } }).record.id);
  const settings = { BACKUP_CONCURRENCY: '1', BACKUP_EXPORTS: '3' };
  const { portal, run } = await newBackup(t, { org, rules: { polls: 40 }, settings });
  const record = await run();
  assert.deepEqual([record.outcome, record.added], ['complete', 18]);
  let underWay = 0;
  const most = Math.max(
    ...portal.log.entries.map(({ path }) => (underWay += /\/export$/.test(path) ? 1 : /\/delete$/.test(path) ? -1 : 0)),
  );
  assert.equal(most, 3);
  const idIn = ({ path }: { path: string }) => /items\/(\w{32})/.exec(path)?.[1];
  const exported = new Set(portal.log.filter(/\/status$/).map(idIn));
  const files = portal.log.filter(/\/data$/);
  const before = files.slice(
    0,
    files.findIndex((entry) => exported.has(idIn(entry))),
  );
  assert.equal(before.filter((entry) => maps.has(idIn(entry))).length, 12, 'an item waited for an export');
});

/** Does it this way whenever this activity is called, or any; how often each one was. */
async function disturbing(t: TestContext, only: string | undefined, way: (execute: Execute) => unknown) {
  const counts = new Map<string, number>();
  const remove = await aroundInvocations(({ name, kind }, execute) => {
    if (kind !== 'activity') return execute();
    counts.set(name, (counts.get(name) ?? 0) + 1);
    return only === undefined || name === only ? way(execute) : execute();
  });
  t.after(remove);
  return counts;
}

const idOf = (org: Organization) => [...org.items.values()][0]?.record.id ?? assert.fail();

test('an export that is ready at the second question costs two activities, one that is ready at once a single one', async (t) => {
  const org = new Organization();
  for (let n = 0; n < 6; n++) org.addService({ owner: 'backup', title: `Layer ${n}`, layers: ['A'] });
  const { portal, run, store } = await newBackup(t, { org });
  portal.jobs.set(idOf(org), { polls: 0 });
  const counts = await disturbing(t, undefined, (execute) => execute());
  assert.equal((await run()).added, 6);
  const { startExport, pollExport, saveItem, deleteExport } = Object.fromEntries(counts);
  assert.deepEqual([startExport, pollExport, saveItem, deleteExport], [6, 5, undefined, undefined]);
  await assertSameAsPortal(await cloneArchive(t, store), portal);
  assert.deepEqual(portal.leftovers(), []);
});

test('an export whose worker goes away when it is staged is not fetched again, and deleted', async (t) => {
  const org = new Organization();
  org.addService({ owner: 'backup', title: 'Parcels', layers: ['A'] });
  const inner = new MemoryStore({ clock: new VirtualClock() });
  const staged = Promise.withResolvers<null>();
  let puts = 0;
  const store = watched(inner, async ({ verb, name }, call) => {
    const answer = await call();
    if (verb !== 'put' || !name.includes('/staged/') || ++puts > 1) return answer;
    staged.resolve(null);
    return Promise.withResolvers<never>().promise;
  });
  const { portal, run } = await newBackup(t, { org, store });
  let tries = 0;
  await disturbing(t, 'pollExport', async (execute) => {
    if (++tries > 1) return execute();
    await Promise.race([execute(), staged.promise]);
    throw new Error('The worker is gone.');
  });
  const record = await run();
  assert.deepEqual([record.outcome, record.added, record.warnings, tries], ['complete', 1, [], 2]);
  assert.equal(portal.log.count(/\/data$/), 2, 'of the item and of its export');
  assert.deepEqual(portal.leftovers(), []);
  await assertSameAsPortal(await readArchive(inner), portal);
});

for (const [name, rules] of [
  ['is fine', {}],
  ['fails', { end: 'failed' }],
  ['never ends', { end: 'never' }],
  ['is short', { holds: 'short' }],
] as [string, Partial<ExportRules>][]) {
  test(`an export that ${name}, whose activities are all executed twice at the same time, is saved once and deleted`, async (t) => {
    const settings = { BACKUP_EXPORT_TIMEOUT: '1' };
    const { portal, run, store } = await newBackup(t, { org: layers(), rules, settings });
    await disturbing(t, undefined, async (execute) => (await Promise.all([execute(), execute()]))[1]);
    const record = await run();
    assert.deepEqual([record.outcome, record.added, record.failures], ['complete', 2, []]);
    await assertSameAsPortal(await cloneArchive(t, store), portal);
    assert.deepEqual(portal.leftovers(), []);
  });
}
