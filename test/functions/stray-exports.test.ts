import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test, type TestContext } from 'node:test';
import { exportTag, exportTitle } from '../../lib/backup/export-intent.ts';
import { MemoryStore } from '../../lib/storage/memory.ts';
import { cloneArchive } from '../support/archive.ts';
import { newBackup, type Backup } from '../support/backup.ts';
import { VirtualClock } from '../support/clock.ts';
import { aroundInvocations } from '../support/invocations.ts';
import { Organization } from '../support/portal/organization.ts';
import type { PortalItem } from '../support/portal/words.ts';

/** What dead runs leave in the portal, and what only looks like it. Only the first is ever deleted. */

function layers(): Organization {
  const org = new Organization();
  org.addMember('ana');
  org.addMember('ben');
  org.addService({ owner: 'ana', title: 'Parcels', layers: ['A', 'B'] });
  return org;
}

/** Begins a run and takes its process away while an export is under way; that export. */
async function dieExporting(t: TestContext, { open, portal, clock }: Backup): Promise<PortalItem> {
  const { host } = await open();
  const reached = Promise.withResolvers<void>();
  const closes = Promise.withResolvers<null>();
  const remove = await aroundInvocations(({ name }, execute) => {
    if (name !== 'pollExport') return execute();
    reached.resolve();
    return closes.promise;
  });
  t.after(remove);
  await host.request({ method: 'POST', path: '/api/backups', headers: {}, body: '{}' });
  const ended = assert.rejects(host.completed('ago-backup'), /closed before/);
  await reached.promise;
  const closing = host.close();
  closes.resolve(null);
  await closing;
  await ended;
  remove();
  await open({});
  clock.advance(60_000);
  const stray = portal.leftovers()[0] ?? assert.fail('no export was under way');
  // The portal has got ready with it meanwhile.
  if (stray.job) stray.job.done = true;
  return stray;
}

/** The portal's items, by title, that lie in the archive. */
async function archived(t: TestContext, { store }: Backup): Promise<string[]> {
  return [...(await cloneArchive(t, store)).items.values()].map(({ manifest }) => manifest.title).sort();
}

for (const [what, change] of [
  ['', () => undefined],
  [', also when the portal dropped its tags', ({ record }) => (record.tags = [])],
  [', also from the recycle bin', (stray) => (stray.recycled = true)],
] as [string, (stray: PortalItem) => unknown][]) {
  test(`the export of a killed run is deleted by the next one${what}, and never archived`, async (t) => {
    const backup = await newBackup(t, { org: layers() });
    change(await dieExporting(t, backup));
    const record = await backup.run();
    assert.deepEqual([record.outcome, record.added, record.warnings], ['complete', 1, []]);
    assert.deepEqual(backup.portal.leftovers(), []);
    const { app } = await backup.open();
    assert.deepEqual(await Array.fromAsync(app.deps.store.list('ago-backup/exports/')), [], 'an intent is left open');
  });
}

test('an export whose start got no answer is deleted in the same run, or by the next one', async (t) => {
  const { portal, run } = await newBackup(t, { org: layers(), rules: { tags: 'dropped' } });
  // It takes effect; only then the answer turns into a gateway's error.
  portal.faults.add({ match: /\/export$/, times: 1, answer: { edit: () => 'gateway' } });
  assert.equal((await run()).outcome, 'complete');
  assert.deepEqual(portal.leftovers(), []);
  portal.faults.add({ match: /\/export$/, times: Infinity, answer: { edit: () => 'gateway' } });
  portal.org.editRows([...portal.org.items.values()][0]?.record.id ?? '', 0);
  await run();
  assert.equal(portal.leftovers().length, 1, 'of the last try nobody knows');
  portal.faults.clear();
  assert.equal((await run()).outcome, 'complete');
  assert.deepEqual(portal.leftovers(), []);
});

test('an export that somebody protected is left alone and named, and not archived', async (t) => {
  const backup = await newBackup(t, { org: layers() });
  const stray = await dieExporting(t, backup);
  stray.record.protected = true;
  const record = await backup.run();
  assert.match(record.warnings.join(), new RegExp(`EXPORT_NOT_DELETED: .*${stray.record.id}`));
  assert.deepEqual([backup.portal.leftovers().length, stray.record.protected], [1, true]);
  assert.deepEqual(await archived(t, backup), ['Parcels']);
  stray.record.protected = false;
  await backup.run();
  assert.deepEqual(backup.portal.leftovers(), []);
});

/** The mark that an earlier version made of the archive's address. */
const oldMark = (address: string) => createHash('sha256').update(address).digest('hex').slice(0, 8);

test('what members made to look like an export of ours is left alone, backed up, and named', async (t) => {
  const backup = await newBackup(t, { org: layers() });
  const { org } = backup.portal;
  const stray = await dieExporting(t, backup);
  const csv = { owner: 'ben', type: 'CSV', file: 'stations.csv', tags: [exportTag] };
  const { app } = await backup.open();
  const mark = oldMark(app.deps.store.address);
  const titles = [
    `ago-backup temporary export ${mark} ${'a'.repeat(32)} 0190f3f1-0000-7000-8000-000000000001`,
    exportTitle('0123456789'.repeat(4)),
    // Somebody has seen the title of a living export, and uses it.
    stray.record.title ?? '',
  ];
  const theirs = titles.flatMap((title) => [
    org.addItem({ ...csv, title, protected: true }),
    org.addItem({ ...csv, owner: 'ana', title }),
    org.addItem({ ...csv, owner: 'ana', title, type: 'Web Map' }),
  ]);
  const binned = titles.map((title) => org.addItem({ ...csv, owner: 'ana', title }));
  for (const item of binned) item.recycled = true;

  for (const night of [1, 2]) {
    const record = await backup.run();
    assert.equal(record.outcome, 'complete');
    for (const { record: kept } of [...theirs, ...binned])
      assert.ok(org.items.has(kept.id), `night ${night} deleted ${kept.title} of ${kept.owner}`);
    for (const { record: named } of theirs)
      assert.ok(
        record.warnings.some((warning) => warning.includes(named.id)),
        named.id,
      );
    assert.equal(record.warnings.length, theirs.length);
  }
  assert.ok(theirs.filter((_item, n) => n % 3 === 0).every(({ record }) => record.protected));
  assert.equal(org.items.has(stray.record.id), false);
  assert.equal((await archived(t, backup)).length, 1 + theirs.length);
});

test('what an archive holds is a member’s, even where an intent stands for it', async (t) => {
  const backup = await newBackup(t, { org: layers() });
  const stray = await dieExporting(t, backup);
  const { app } = await backup.open();
  const { store } = app.deps;
  const name = `ago-backup/exports/${stray.record.title?.split(' ').at(-1) ?? ''}.json`;
  const intent = (await store.get(name)) ?? assert.fail(name);
  await store.delete(name);
  await backup.run();
  await store.put(name, intent.bytes);
  await backup.run();
  assert.ok(backup.portal.org.items.has(stray.record.id));
  backup.portal.org.deleteItem(stray.record.id);
});

for (const [what, bytes] of [
  ['emptied', ''],
  ['cut', '{"name":'],
  ['of another export', JSON.stringify({ name: 'f'.repeat(40) })],
] as const) {
  test(`an intent that is ${what} gives no right to delete, and fails no run`, async (t) => {
    const backup = await newBackup(t, { org: layers() });
    const { id, title } = (await dieExporting(t, backup)).record;
    const { store } = (await backup.open()).app.deps;
    await store.put(`ago-backup/exports/${title?.split(' ').at(-1) ?? ''}.json`, Buffer.from(bytes));
    const record = await backup.run();
    assert.equal(record.outcome, 'complete');
    assert.ok(record.warnings.some((warning) => warning.includes(id)));
    backup.portal.org.deleteItem(id);
  });
}

test('of two machines whose archives have one address neither deletes the living export of the other', async (t) => {
  const org = layers();
  const clock = new VirtualClock();
  const ours = await newBackup(t, { org, clock, store: new MemoryStore({ clock }) });
  const stray = await dieExporting(t, ours);
  const theirs = new MemoryStore({ clock });
  assert.equal((await ours.open()).app.deps.store.address, theirs.address);
  await ours.open({ store: theirs });
  const record = await ours.run();
  assert.equal(record.outcome, 'complete');
  assert.ok(org.items.has(stray.record.id));
  org.deleteItem(stray.record.id);
});

test('every export has a title of its own, which nothing that others know leads to', async (t) => {
  const { portal, run } = await newBackup(t, { org: layers() });
  await run();
  portal.org.editRows([...portal.org.items.values()][0]?.record.id ?? '', 0);
  await run();
  const starts = portal.log.filter(({ path }) => path.endsWith('/export')).map(({ query }) => query['title'] ?? '');
  assert.equal(starts.length, 2);
  assert.notEqual(starts[0], starts[1]);
  for (const title of starts) assert.match(title, /^ago-backup temporary export [0-9a-f]{40}$/);
});
