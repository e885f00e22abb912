import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryStore } from '../../lib/storage/memory.ts';
import { assertSameAsPortal, readArchive } from '../support/archive.ts';
import { newBackup } from '../support/backup.ts';
import { VirtualClock } from '../support/clock.ts';
import { largeOrganization } from '../support/demo-organization.ts';
import { Organization } from '../support/portal/organization.ts';
import { counting } from '../support/stores/counting.ts';

/** How many requests there are at a time. */
function crowd() {
  const seen = { under: 0, most: 0 };
  const asking: typeof fetch = async (...request) => {
    seen.most = Math.max(seen.most, ++seen.under);
    try {
      return await fetch(...request);
    } finally {
      seen.under -= 1;
    }
  };
  return { seen, asking };
}

test('the layers of one member are asked for on all lanes, and never more at a time than there are lanes', async (t) => {
  const org = new Organization();
  for (let n = 0; n < 20; n++)
    org.addService({
      owner: 'backup',
      title: `Layer ${n}`,
      layers: ['A'],
      typeKeywords: ['Hosted Service', 'View Service'],
    });
  const store = new MemoryStore({ clock: new VirtualClock() });
  const { seen, asking } = crowd();
  const backup = await newBackup(t, { org, store, fetch: asking, settings: { BACKUP_CONCURRENCY: '4' } });
  await backup.open({ fetch: asking });
  assert.equal((await backup.run()).added, 20);
  assert.equal(seen.most, 4, 'on the first night');
  seen.most = 0;
  const quiet = await backup.run();
  assert.deepEqual([quiet.outcome, quiet.unchanged, quiet.commit], ['complete', 20, null]);
  assert.equal(seen.most, 4, 'on a quiet one');
  await assertSameAsPortal(await readArchive(store), backup.portal);
});

test('a dry run asks on all lanes as well, and never more at a time than there are', async (t) => {
  const store = new MemoryStore({ clock: new VirtualClock() });
  const { seen, asking } = crowd();
  const org = largeOrganization({ members: 8, items: 0, services: 80 });
  const backup = await newBackup(t, { org, store, fetch: asking, settings: { BACKUP_CONCURRENCY: '4' } });
  const { host } = await backup.open({ fetch: asking });
  const body = JSON.stringify({ dryRun: true });
  const { status } = await host.request({ method: 'POST', path: '/api/backups', headers: {}, body });
  const id = 'ago-backup-dry-run';
  assert.deepEqual([status, (await host.completed(id)).status], [202, 'Completed']);
  assert.equal(seen.most, 4);
});

test('a member whose portal goes down while layers are checked ends the run as one question would, and loses nothing', async (t) => {
  const org = new Organization();
  for (let n = 0; n < 20; n++)
    org.addService({
      owner: 'backup',
      title: `Layer ${n}`,
      layers: ['A'],
      typeKeywords: ['Hosted Service', 'View Service'],
    });
  const store = new MemoryStore({ clock: new VirtualClock() });
  const backup = await newBackup(t, { org, store, settings: { BACKUP_CONCURRENCY: '4' } });
  const { commit } = await backup.run();
  let asked = 0;
  backup.portal.faults.add({
    match: ({ path }) => (/FeatureServer/.test(path) && ++asked > 9) || asked > 9,
    times: Infinity,
    answer: { status: 503 },
  });
  const down = await backup.run();
  assert.deepEqual([down.outcome, down.error?.code, down.removed, down.commit], ['failed', 'PORTAL_DOWN', 0, null]);
  backup.portal.faults.clear();
  const after = await backup.run();
  assert.deepEqual([after.outcome, after.unchanged, after.commit], ['complete', 20, null]);
  assert.equal((await readArchive(store)).commit, commit);
});

test('a quiet night reads of the store the lists of members once, however many lanes there are, and little else', async (t) => {
  const { store, requests } = counting(new MemoryStore({ clock: new VirtualClock() }));
  const backup = await newBackup(t, { org: largeOrganization({ members: 20, items: 20 }), store });
  assert.equal((await backup.run()).added, 20);
  requests.log.length = 0;
  assert.equal((await backup.run()).unchanged, 20);
  // The record is read by the test.
  const night = requests.log.slice(0, -1);
  const lists = night.filter(({ verb, name }) => verb === 'get' && name.endsWith('/members.json'));
  assert.equal(lists.length, 2, 'by the lanes, and by the last step');
  assert.ok(night.length <= 21 + 26, `${night.length} requests`);
});
