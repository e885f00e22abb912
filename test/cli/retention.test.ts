import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { DirectoryStore } from '../../lib/storage/directory/directory.ts';
import { git, temporaryFolder } from '../git/stock-git.ts';
import { command } from '../support/command.ts';
import { item, Years } from '../upkeep/retain/years.ts';

test('maintain says what BACKUP_KEEP would thin out, and does; a clone made before fetches, and old ids are understood', async (t) => {
  const cwd = await temporaryFolder(t);
  const path = join(cwd, 'backup.git');
  const years = await Years.begin('2020-01-20', (clock) => new DirectoryStore(path, { clock }));
  for (let n = 0; n < 20; n++) await years.night(item('map', `${n}`));
  const clone = join(cwd, 'clone');
  await git(cwd, 'clone', '-q', path, clone);
  const env = { BACKUP_STORE: `file:${path}`, BACKUP_KEEP: '400' };
  const run = async (...args: string[]) => {
    const { status, stdout, stderr } = await command([...args, '--json'], env, cwd);
    return { status, stderr, json: JSON.parse(stdout) as Record<string, unknown> };
  };
  const planned = await run('maintain', '--dry-run');
  const { frees, ...retention } = planned.json['retention'] as { frees: { bytes: number; large: object[] } };
  assert.ok(frees.bytes > 3000, String(frees.bytes));
  assert.deepEqual(frees.large, []);
  assert.deepEqual(retention, {
    keepDays: 400,
    hold: null,
    folded: 18,
    months: [
      { month: '2020-01', commits: 12, kept: [years.commits[11]] },
      { month: '2020-02', commits: 8, kept: [years.commits[19]] },
    ],
  });
  assert.match(planned.stderr, /Thin out 18 commits \(BACKUP_KEEP is 400 days\)/);
  assert.match((await run('hold', '--reason', 'Case 4711')).stderr, /Legal hold since \d{4}-\d\d-\d\d \(Case 4711\)/);
  await rm(join(path, 'ago-backup', 'legal-hold'));
  await run('maintain');
  assert.equal((await git(path, 'rev-list', '--count', 'main')).trim(), '2');
  await git(path, 'fsck', '--strict', '--full');
  await git(clone, 'fetch', '-q');
  await git(clone, 'reset', '-q', '--hard', 'origin/main');
  assert.equal(
    (await git(clone, 'rev-parse', 'HEAD~:content')).trim(),
    (await git(path, 'rev-parse', `${years.commits[11]}:content`)).trim(),
  );
  const gone = await run('show', 'map', '--at', years.commits[3] ?? '');
  assert.match(
    JSON.stringify(gone.json),
    /VERSION_UNKNOWN.*was thinned out \(BACKUP_KEEP\); the next one that was kept is [0-9a-f]{10} of 2020-01-31/,
  );
});
