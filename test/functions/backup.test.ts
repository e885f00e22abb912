import assert from 'node:assert/strict';
import { test } from 'node:test';
import { git } from '../git/stock-git.ts';
import { assertSameAsPortal, cloneArchive } from '../support/archive.ts';
import { newBackup } from '../support/backup.ts';
import { demoChanges, demoOrganization, largeOrganization } from '../support/demo-organization.ts';
import { Organization } from '../support/portal/organization.ts';

const data = /^GET .*\/(data|info\/.+|resources\/.+)$/;

test('three nights of one organization', async (t) => {
  const { portal, run, store } = await newBackup(t, { org: demoOrganization() });

  await t.test(
    'the first holds every item byte for byte, in a repository that stock git clones and checks',
    async () => {
      const record = await run();
      assert.equal(record.outcome, 'complete');
      assert.equal(record.listed, record.added + record.excluded);
      await assertSameAsPortal(await cloneArchive(t, store), portal);
      assert.deepEqual(portal.leftovers(), []);
    },
  );

  await t.test('the second, without changes, makes no commit and downloads nothing', async () => {
    portal.log.clear();
    const record = await run();
    assert.deepEqual([record.outcome, record.commit, record.bytes], ['complete', null, 0]);
    assert.equal(portal.log.count(data), 0);
    assert.equal(portal.log.count(/\/export$/), 0);
    assert.equal((await cloneArchive(t, store)).log.length, 1);
  });

  await t.test('the third, after a day of changes, downloads exactly those', async () => {
    demoChanges(portal.org);
    portal.log.clear();
    const record = await run();
    assert.deepEqual([record.added, record.changed, record.removed, record.failed], [1, 5, 1, 0]);
    const archive = await cloneArchive(t, store);
    await assertSameAsPortal(archive, portal);
    const downloads = portal.log.count(/^GET .*content\/items\/.*\/data$/);
    assert.equal(downloads, 6, 'a file, a map, a dashboard, a new map, a layer with its export');
    assert.equal(portal.log.count(/\/export$/), 1);
    assert.match(archive.log[0] ?? '', /^Backup \d{4}-\d\d-\d\d: 1 added, 5 changed, 1 removed, 0 failed$/);
  });
});

test('131 members, and 230 items of one of them, are all there', async (t) => {
  const org = largeOrganization({ members: 131, items: 131 });
  const folder = org.addFolder('member0000', 'Many').id;
  for (let n = 0; n < 229; n++)
    org.addItem({ owner: 'member0000', folder, type: 'Web Map', title: `Extra ${n}`, json: { n } });
  const { portal, run, store } = await newBackup(t, { org });
  const record = await run();
  assert.deepEqual([record.outcome, record.listed, record.added, record.members.listed], ['complete', 360, 360, 132]);
  await assertSameAsPortal(await cloneArchive(t, store), portal);
});

test('the same organization saved into two stores, by eight lanes and by one, gives the same tree', async (t) => {
  const trees: string[] = [];
  for (const BACKUP_CONCURRENCY of ['8', '1']) {
    const org = demoOrganization();
    // The address of a service holds the port of its portal.
    for (const { record } of [...org.items.values()].filter(({ service }) => service !== null))
      org.deleteItem(record.id);
    const { run, store } = await newBackup(t, { org, settings: { BACKUP_CONCURRENCY } });
    await run();
    const { folder } = await cloneArchive(t, store);
    trees.push(await git(folder, 'rev-parse', 'HEAD^{tree}'));
  }
  assert.equal(trees[0], trees[1]);
});

test('an empty organization is backed up as one, and its account is still asked for', async (t) => {
  const { run, store } = await newBackup(t, { org: new Organization() });
  const record = await run();
  assert.deepEqual([record.outcome, record.listed, record.members.listed], ['complete', 0, 1]);
  assert.equal((await cloneArchive(t, store)).items.size, 0);
});
