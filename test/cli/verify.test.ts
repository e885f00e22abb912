import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { paceText } from '../../lib/cli/verify-progress.ts';
import { verify } from '../../lib/cli/verify.ts';
import { Pace } from '../../lib/upkeep/verify/pace.ts';
import { git, temporaryFolder } from '../git/stock-git.ts';
import { VirtualClock } from '../support/clock.ts';

test('a verification that is stopped says so, writes nothing into the archive, and the same command goes on with it', async (t) => {
  const folder = await temporaryFolder(t);
  const [work, store, state] = ['work', 'backup.git', 'state'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  await git(folder, 'init', '-q', '-b', 'main', work);
  await git(work, 'commit', '-q', '--allow-empty', '-m', 'one');
  await git(folder, 'clone', '-q', '--bare', work, store);
  await git(store, 'repack', '-adq');
  await git(store, 'update-server-info');
  const files = async () => (await readdir(store, { recursive: true })).sort();
  const before = await files();
  const said: string[] = [];
  t.mock.method(process.stderr, 'write', (text: string) => said.push(text) > 0);
  const env = { BACKUP_STORE: `file:${store}`, XDG_STATE_HOME: state };
  const noted = async () =>
    (await readdir(state, { recursive: true })).filter((name) => /verifying.[0-9a-f]{16}-100$/.test(name)).length;

  const ended = verify(env, { readData: 100 });
  process.emit('SIGHUP', 'SIGHUP');
  assert.equal(await ended, 130);
  assert.match(said.join(''), /Stopped\. Within 14 days the same command goes on from here/);
  assert.equal(await noted(), 1);
  assert.deepEqual(await files(), before);

  said.length = 0;
  assert.equal(await verify(env, { readData: 100 }), 0);
  assert.match(said.join(''), /^Going on with a verification [^]*1 commit, [^]*The archive is sound\.\n$/);
  assert.equal(await noted(), 0);
  assert.deepEqual(await files(), before);
});

test('how far a verification is, is told with its pace and the time that is left', () => {
  const clock = new VirtualClock();
  const pace = new Pace(clock);
  const now = (done: number) => paceText(pace.hear({ phase: 'packs', done, total: 4_000_000, unit: 'bytes' }));
  assert.equal(now(1_000_000), '1.0 MB of 4.0 MB');
  clock.advance(10_000);
  assert.equal(now(2_000_000), '2.0 MB of 4.0 MB, 100.0 kB/s, 20 s left');
  assert.equal(paceText(pace.hear({ phase: 'items', done: 3, total: 9, unit: 'members' })), '3 of 9 members');
});
