import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faulty } from '../support/stores/faulty.ts';
import { MemoryStore } from '../../lib/storage/memory.ts';
import { git } from '../git/stock-git.ts';
import { assertSameAsPortal, cloneArchive, readArchive } from '../support/archive.ts';
import { newBackup } from '../support/backup.ts';
import { VirtualClock } from '../support/clock.ts';
import type { Around } from '../support/invocations.ts';
import { runOnce } from '../support/one-run.ts';
import { contentOf, fixture } from '../support/portal/content.ts';
import { Organization } from '../support/portal/organization.ts';
import { startPortal } from '../support/portal/portal.ts';

/** An organization of one member with two maps in a folder and one outside. */
function smallOrganization() {
  const org = new Organization();
  org.addMember('ana');
  org.addMember('ben');
  const folder = org.addFolder('ana', 'Maps').id;
  const maps = ['North', 'South'].map(
    (title) => org.addItem({ owner: 'ana', folder, type: 'Web Map', title, json: { title } }).record.id,
  );
  const outside = org.addItem({ owner: 'ana', type: 'PDF', title: 'Flyer', file: 'flyer.pdf' }).record.id;
  return { org, folder, maps, outside };
}

test('two items of one title lie side by side, and each stays where it is when the other goes', async (t) => {
  const org = new Organization();
  const ids = [1, 2].map(
    (n) => org.addItem({ owner: 'backup', type: 'Web Map', title: 'Plan', json: { n } }).record.id,
  );
  const { portal, run, store } = await newBackup(t, { org });
  await run();
  const before = await cloneArchive(t, store);
  await assertSameAsPortal(before, portal);
  const second = before.items.get(ids[1] ?? '')?.path;
  assert.match(second ?? '', new RegExp(`/Plan \\(${ids[1]?.slice(0, 8)}\\)$`));
  org.deleteItem(ids[0] ?? '');
  org.quietlyEdit(ids[1] ?? '', { access: 'org' });
  await run();
  const after = await cloneArchive(t, store);
  await assertSameAsPortal(after, portal);
  assert.equal(after.items.get(ids[1] ?? '')?.path, second);
});

test('an item that moves to another folder moves in the archive, without a download of its data', async (t) => {
  const { org, maps, outside } = smallOrganization();
  const { portal, run, store } = await newBackup(t, { org });
  await run();
  portal.log.clear();
  org.moveItem(maps[0] ?? '', null);
  org.moveItem(outside, org.addFolder('ana', 'Leaflets').id);
  const record = await run();
  assert.deepEqual([record.changed, portal.log.count(/\/data$/)], [2, 0]);
  const archive = await cloneArchive(t, store);
  await assertSameAsPortal(archive, portal);
  assert.equal(archive.items.get(outside)?.path, 'content/ana/Leaflets/PDF/Flyer');
});

test('an item that changes hands moves to its new owner', async (t) => {
  const { org, outside } = smallOrganization();
  const { portal, run, store } = await newBackup(t, { org });
  await run();
  org.changeOwner(outside, 'ben');
  const record = await run();
  assert.deepEqual([record.outcome, record.changed, record.removed], ['complete', 1, 0]);
  const archive = await cloneArchive(t, store);
  await assertSameAsPortal(archive, portal);
  assert.equal(archive.items.get(outside)?.path, 'content/ben/None/PDF/Flyer');
});

test('renamed items and folders get their new names', async (t) => {
  const { org, folder, maps } = smallOrganization();
  const { portal, run, store } = await newBackup(t, { org });
  await run();
  org.renameFolder(folder, 'Atlas');
  org.editItem(maps[0] ?? '', { title: 'North 2026' });
  await run();
  const archive = await cloneArchive(t, store);
  await assertSameAsPortal(archive, portal);
  assert.deepEqual(
    maps.map((id) => archive.items.get(id)?.path),
    ['content/ana/Atlas/Web Map/North 2026', 'content/ana/Atlas/Web Map/South'],
  );
});

test('an item that vanished goes; history keeps it', async (t) => {
  const { org, outside } = smallOrganization();
  const { portal, run, store } = await newBackup(t, { org });
  await run();
  org.deleteItem(outside);
  const record = await run();
  assert.equal(record.removed, 1);
  const archive = await cloneArchive(t, store);
  await assertSameAsPortal(archive, portal);
  assert.match(await git(archive.folder, 'show', '--stat', 'HEAD~1'), /Flyer/);
});

test('an item that is in no listing but alive is kept and reported', async (t) => {
  const { org, outside } = smallOrganization();
  const { portal, run, store } = await newBackup(t, { org });
  await run();
  const hide = (page: Record<string, unknown>) => {
    const items = (page['items'] as { id: string }[]).filter(({ id }) => id !== outside);
    return { ...page, items, total: items.length };
  };
  portal.faults.add({ match: /content\/users\/ana/, times: Infinity, answer: { edit: hide } });
  const record = await run();
  assert.deepEqual([record.outcome, record.removed], ['partial', 0], 'nobody has looked at it');
  assert.match(record.warnings.join(), new RegExp(`${outside}.*still has it`));
  await assertSameAsPortal(await cloneArchive(t, store), portal);
});

test('an item about which the portal gives no clear answer is kept', async (t) => {
  const { org, outside } = smallOrganization();
  const { portal, run, store } = await newBackup(t, { org });
  await run();
  org.deleteItem(outside);
  portal.faults.add({ match: /content\/items/, times: Infinity, answer: { status: 503 } });
  const record = await run();
  assert.equal(record.removed, 0);
  assert.match(record.warnings.join(), /no clear answer/);
  assert.equal((await cloneArchive(t, store)).items.has(outside), true);
});

test('an item that becomes unreadable fails, and keeps the version it had', async (t) => {
  const { org, outside } = smallOrganization();
  const { portal, run, store } = await newBackup(t, { org });
  await run();
  org.replaceData(outside, contentOf('%PDF-1.4 second edition', 'application/pdf'));
  const refusal = { error: { code: 403, messageCode: 'GWM_0003', message: 'You do not have permissions' } };
  portal.faults.add({ match: new RegExp(`${outside}/data`), times: Infinity, answer: refusal });
  const record = await run();
  assert.deepEqual([record.outcome, record.failed, record.failures[0]?.code], ['partial', 1, 'PORTAL_REFUSED']);
  const archive = await cloneArchive(t, store);
  const { path = '' } = archive.items.get(outside) ?? {};
  assert.ok((await archive.read(`${path}/flyer.pdf`)).equals(fixture('flyer.pdf').bytes()));
  portal.faults.clear();
  assert.equal((await run()).changed, 1, 'the next run tries again');
  await assertSameAsPortal(await cloneArchive(t, store), portal);
});

test('an item that gets tagged ago_view keeps its last version and is counted as left out', async (t) => {
  const { org, outside } = smallOrganization();
  const { run, store } = await newBackup(t, { org });
  await run();
  org.editItem(outside, { tags: ['ago_view'] });
  const record = await run();
  assert.deepEqual([record.excluded, record.removed, record.commit], [1, 0, null]);
  assert.equal((await cloneArchive(t, store)).items.has(outside), true);
});

test('an item that is shared with the group "Don’t back up" keeps its last version and is counted as left out', async (t) => {
  const { org, maps, outside } = smallOrganization();
  const { run, store, portal } = await newBackup(t, { org });
  await run();
  const group = org.addGroup("Don't back up");
  // Another group of nearly that title, and one of another organization, mean nothing.
  org.share(outside, org.addGroup("Don't back up yet").id);
  org.share(maps[0] ?? '', group.id);
  org.quietlyEdit(maps[0] ?? '', { title: 'North, renamed' });
  const record = await run();
  assert.deepEqual([record.excluded, record.removed, record.failed], [1, 0, 0]);
  assert.equal((await cloneArchive(t, store)).items.get(maps[0] ?? '')?.manifest.title, 'North');
  portal.faults.add({
    match: ({ query }) => query['q']?.startsWith('title:') === true,
    times: Infinity,
    answer: { status: 500 },
  });
  const { excluded, warnings } = await run();
  assert.equal(excluded, 0);
  assert.ok(warnings.some((text) => text.startsWith('Nothing was left out because of a group')));
});

test('a member who left goes with all their items, once the portal says that they do not exist', async (t) => {
  const { org } = smallOrganization();
  const { portal, run, store } = await newBackup(t, { org });
  await run();
  org.removeMember('ana');
  const record = await run();
  assert.equal(record.removed, 3);
  await assertSameAsPortal(await cloneArchive(t, store), portal);
});

test('a member whose content cannot be listed fails alone, and nothing of theirs is removed', async (t) => {
  const { org, outside } = smallOrganization();
  const late = org.addItem({ owner: 'ben', type: 'Web Map', title: 'Late', json: {} }).record.id;
  const { portal, run, store } = await newBackup(t, { org });
  await run();
  org.deleteItem(outside);
  org.editItem(late, { snippet: 'edited' });
  const refusal = { error: { code: 403, messageCode: 'GWM_0003', message: 'You do not have permissions' } };
  portal.faults.add({ match: /content\/users\/ana/, times: Infinity, answer: refusal });
  const record = await run();
  assert.deepEqual([record.outcome, record.members.failed, record.removed, record.changed], ['partial', 1, 0, 1]);
  assert.deepEqual(
    record.failures.map(({ itemId, owner, code }) => [itemId, owner, code]),
    [[null, 'ana', 'PORTAL_REFUSED']],
  );
  assert.equal((await cloneArchive(t, store)).items.has(outside), true);
});

test('too many removals at once are held back until an operator accepts them', async (t) => {
  const org = new Organization();
  const ids = Array.from(
    { length: 30 },
    (_, n) => org.addItem({ owner: 'backup', type: 'Web Map', title: `Map ${n}`, json: { n } }).record.id,
  );
  const { portal, run, store } = await newBackup(t, { org });
  await run();
  for (const id of ids.slice(0, 12)) org.deleteItem(id);
  const held = await run();
  assert.deepEqual([held.outcome, held.removed, held.commit], ['partial', 0, null]);
  assert.match(held.warnings.join(), /PRUNE_LIMIT: 12 of 30 .*--accept-prune/);
  const accepted = await run({ acceptPrune: true });
  assert.deepEqual([accepted.outcome, accepted.removed], ['complete', 12]);
  await assertSameAsPortal(await cloneArchive(t, store), portal);
});

test('rows or a schema edited in a layer or table export it again, although modified stays', async (t) => {
  const org = new Organization();
  const { record } = org.addService({ owner: 'backup', title: 'Parcels', layers: ['A'], tables: ['B'] });
  const { portal, run, store } = await newBackup(t, { org });
  await run();
  for (const edit of [
    () => org.editRows(record.id, 0),
    () => org.editRows(record.id, 1),
    () => org.editSchema(record.id, 1),
  ]) {
    edit();
    assert.equal((await run()).changed, 1);
    await assertSameAsPortal(await cloneArchive(t, store), portal);
  }
});

test('only what a run is asked for is looked at, and nothing else is removed', async (t) => {
  const { org, maps, outside } = smallOrganization();
  const { run, store } = await newBackup(t, { org });
  await run();
  org.deleteItem(maps[0] ?? '');
  org.editItem(maps[1] ?? '', { snippet: 'edited' });
  org.editItem(outside, { snippet: 'edited' });
  const record = await run({ items: [outside] });
  assert.deepEqual([record.listed, record.changed, record.removed], [1, 1, 0]);
  const user = await run({ users: ['ANA'] });
  assert.deepEqual([user.members.listed - user.members.excluded, user.changed, user.removed], [1, 1, 1]);
  assert.equal((await cloneArchive(t, store)).items.has(maps[0] ?? ''), false);
});

test('the items that a run is asked for travel with no lane and no check of a member', async (t) => {
  const { org, maps, outside } = smallOrganization();
  const [north = '', south = ''] = maps;
  org.changeOwner(south, 'ben');
  const clock = new VirtualClock();
  const portal = await startPortal({ org, clock });
  t.after(() => portal.close());
  const store = new MemoryStore({ clock });
  const seen: [string, string][] = [];
  const around: Around = ({ name, input }, execute) => {
    seen.push([name, JSON.stringify(input)]);
    return execute();
  };
  const record = await runOnce({ portal, store, clock, around, request: { items: [north, south] } });
  assert.deepEqual([record?.outcome, record?.listed, record?.added], ['complete', 2, 2]);
  const checks = seen.filter(([name]) => name === 'checkUser' || name === 'memberLane');
  assert.ok(checks.length >= 4);
  assert.deepEqual(
    checks.filter(([, input]) => [north, south].some((id) => input.includes(id))),
    [],
  );
  const { items } = await readArchive(store);
  assert.deepEqual([items.size, items.has(outside)], [2, false]);
});

test('everything is fetched again with force, and makes no commit when it is the same', async (t) => {
  const { org } = smallOrganization();
  const { run } = await newBackup(t, { org });
  await run();
  const record = await run({ force: true });
  assert.deepEqual([record.unchanged, record.changed, record.commit], [3, 0, null]);
  assert.ok(record.bytes > 0);
});

test('metadata that changed without moving modified is found within BACKUP_RECHECK_DAYS', async (t) => {
  const org = new Organization();
  const { record } = org.addItem({
    owner: 'backup',
    type: 'PDF',
    title: 'Flyer',
    file: 'flyer.pdf',
    metadata: '<metadata>1</metadata>',
  });
  const { portal, run, store, clock } = await newBackup(t, { org, settings: { BACKUP_RECHECK_DAYS: '3' } });
  await run();
  org.replaceMetadata(record.id, contentOf('<metadata>2</metadata>', 'text/xml'), false);
  for (let day = 0; day < 3; day++) {
    clock.advance(86_400_000);
    await run();
  }
  await assertSameAsPortal(await cloneArchive(t, store), portal);
});

test('an item that changes hands on a night when its former owner cannot be listed is in the archive once', async (t) => {
  const { org, outside } = smallOrganization();
  const { portal, run, store } = await newBackup(t, { org });
  await run();
  org.changeOwner(outside, 'ben');
  const refusal = { error: { code: 403, messageCode: 'GWM_0003', message: 'You do not have permissions' } };
  portal.faults.add({ match: /content\/users\/ana/, times: Infinity, answer: refusal });
  await run();
  // Reading the clone fails when an item is there twice.
  assert.equal((await cloneArchive(t, store)).items.get(outside)?.path, 'content/ben/None/PDF/Flyer');
  portal.faults.clear();
  assert.equal((await run()).warnings.length, 0);
  await assertSameAsPortal(await cloneArchive(t, store), portal);
});

test('an item that a member gives away who is left out by now moves to its new owner', async (t) => {
  const { org, outside } = smallOrganization();
  const { run, store, env, open } = await newBackup(t, { org });
  await run();
  env['BACKUP_SKIP_USERS'] = 'ana';
  await open({});
  org.changeOwner(outside, 'ben');
  const { changed, added } = await run();
  assert.deepEqual([changed, added], [1, 0]);
  const { items } = await cloneArchive(t, store);
  assert.deepEqual([items.size, items.get(outside)?.path], [3, 'content/ben/None/PDF/Flyer']);
});

test('an item that changed hands is in the archive once, also when only its new owner or itself is asked for', async (t) => {
  const { org, outside, maps } = smallOrganization();
  const { portal, run, store } = await newBackup(t, { org });
  await run();
  for (const [id, request] of [
    [outside, { users: ['ben'] }],
    [maps[0] ?? '', { items: [maps[0] ?? ''] }],
  ] as const) {
    org.changeOwner(id, 'ben');
    const { changed, added } = await run(request);
    assert.deepEqual([changed, added], [1, 0]);
    // Reading the clone fails when an item is there twice.
    assert.match((await cloneArchive(t, store)).items.get(id)?.path ?? '', /^content\/ben\//);
  }
  const { warnings, removed, commit } = await run();
  assert.deepEqual([warnings, removed, commit], [[], 0, null]);
  await assertSameAsPortal(await cloneArchive(t, store), portal);
});

test('a forced run fetches anew also what a dead run has staged', async (t) => {
  const org = new Organization();
  const metadata = (n: number) => `<metadata>${n}</metadata>`;
  const { record } = org.addItem({
    owner: 'backup',
    type: 'PDF',
    title: 'Flyer',
    file: 'flyer.pdf',
    metadata: metadata(1),
  });
  const clock = new VirtualClock();
  const portal = await startPortal({ org, clock });
  t.after(() => portal.close());
  const store = new MemoryStore({ clock });
  const dying = faulty(store, ({ name }) => (name.endsWith('.pack') ? new Error('killed') : undefined), clock);
  await runOnce({ portal, store, clock, through: dying });
  org.replaceMetadata(record.id, contentOf(metadata(2), 'text/xml'), false);
  assert.equal((await runOnce({ portal, store, clock, request: { force: true } }))?.added, 1);
  await assertSameAsPortal(await readArchive(store), portal);
});
