import assert from 'node:assert/strict';
import { readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { git, temporaryFolder } from '../git/stock-git.ts';
import { command } from '../support/command.ts';
import { Organization } from '../support/portal/organization.ts';
import { startPortal } from '../support/portal/portal.ts';
import { flip } from '../support/spoil.ts';

test('a damaged archive is found with 1, its repair is planned, done and proven, and then it is sound with 0', async (t) => {
  const org = new Organization();
  org.addItem({ owner: 'backup', type: 'PDF', title: 'Flyer', file: 'flyer.pdf' });
  const portal = await startPortal({ org });
  t.after(() => portal.close());
  const cwd = await temporaryFolder(t);
  const env = { ...portal.env, BACKUP_LFS_THRESHOLD: '1024' };
  assert.equal((await command(['run'], env, cwd)).status, 0);
  const store = join(cwd, 'backup.git');
  const large = (await readdir(join(store, 'lfs'), { recursive: true })).find((name) => /[0-9a-f]{64}$/.test(name));
  const flyer = join(store, 'lfs', large ?? assert.fail());
  const whole = await readFile(flyer);
  await rm(flyer);
  await writeFile(flyer, flip(Buffer.from(whole)));
  await rm(join(store, 'HEAD'));

  // The store is all it needs.
  const found = await command(['verify'], {}, cwd);
  assert.deepEqual([found.status, found.stdout], [1, '']);
  assert.match(
    found.stderr,
    /DAMAGE {2}HEAD is missing[^]*DAMAGE {2}The Git LFS object .* is damaged[^]*is damaged\.\n$/,
  );
  const plan = await command(['repair', '--dry-run', '--json'], {}, cwd);
  assert.equal(plan.status, 1);
  const { plan: lines } = JSON.parse(plan.stdout) as { plan: string[] };
  assert.deepEqual(
    lines.map((line) => line.replace(/[0-9a-f]{32}/, 'ID')),
    ['Write HEAD.', 'Fetch item ID from the portal again.'],
  );
  assert.equal((await command(['verify'], {}, cwd)).status, 1, 'planning mends nothing');

  const repaired = await command(['repair'], env, cwd);
  assert.equal(repaired.status, 0, repaired.stderr);
  assert.match(
    repaired.stderr,
    /^Wrote HEAD\.\nFetched 1 item[^]*Repairs: 2 done, 0 failed\.[^]*The archive is sound\.\n$/,
  );
  assert.deepEqual(await readFile(flyer), whole);
  await git(store, 'fsck', '--strict');
  const tidy = await command(['maintain', '--dry-run', '--json'], {}, cwd);
  assert.deepEqual(
    [tidy.status, JSON.parse(tidy.stdout)],
    [0, { merge: [], delete: [], retention: null, done: false }],
  );
  portal.org.deleteItem([...org.items.keys()][0] ?? '');
  await rm(flyer);
  const gone = await command(['repair'], env, cwd);
  assert.equal(gone.status, 1);
  assert.match(gone.stderr, /Item [0-9a-f]{32} is not in the portal any more; what the archive has of it stays/);

  // Once the item is out of the latest commit, nothing can bring its file back.
  assert.equal((await command(['run'], env, cwd)).status, 0);
  const object = (large ?? '').slice(-64);
  const accepted = await command(
    ['accept', 'STORE_DAMAGED', object, '--reason', 'Nobody\nneeds it', '--json'],
    {},
    cwd,
  );
  assert.equal(accepted.status, 0, accepted.stderr);
  const known = await command(['verify'], {}, cwd);
  assert.equal(known.status, 0);
  assert.match(
    known.stderr,
    /^accepted {2}The Git LFS object .*\n +since \d{4}-\d\d-\d\d: Nobody needs it\n[^]*sound but for 1 accepted loss\.\n$/,
  );
  const list = await command(['accept', '--list', '--json'], {}, cwd);
  assert.deepEqual([list.status, list.stdout], [0, accepted.stdout.replace(/\}\n$/, ',"damaged":[]}\n')]);
  assert.equal((await command(['accept', '--revoke', object], {}, cwd)).status, 0);
  const again = await command(['accept', '--revoke', object, '--json'], {}, cwd);
  assert.deepEqual([again.status, (JSON.parse(again.stdout) as { error: { code: string } }).error.code], [2, 'USAGE']);
  assert.equal((await command(['verify'], {}, cwd)).status, 1);
});
