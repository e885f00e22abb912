import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { git } from '../../git/stock-git.ts';
import { assertSameAsPortal, cloneArchive } from '../../support/archive.ts';
import { newBackup } from '../../support/backup.ts';
import { Organization } from '../../support/portal/organization.ts';

const killer = fileURLToPath(new URL('../../support/killer.ts', import.meta.url));

/** Runs a backup that kills itself there; true when it really died of it. */
async function runAndDie(env: Record<string, string>, pattern: string, when: string): Promise<boolean> {
  const child = spawn(process.execPath, [killer, pattern, when], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
  return signal === 'SIGKILL';
}

function organization(): Organization {
  const org = new Organization();
  for (let n = 0; n < 4; n++) org.addItem({ owner: 'backup', type: 'Web Map', title: `Map ${n}`, json: { n } });
  org.addItem({ owner: 'backup', type: 'PDF', title: 'Flyer', file: 'flyer.pdf' });
  return org;
}

/** The long mode also kills before each write, at all of these places, and at every fifth call, whatever it is. */
const isLong = process.env['LONG'] !== undefined;
const points = ['staged/', 'pack-.*pack$', '^objects/info/packs$', '^refs/heads/main$', 'runs/[0-9a-f-]+.json$'];
const more = [
  'runs/[^/]+/members.json$',
  'ago-backup/tmp/',
  'pack-.*idx$',
  '^info/refs$',
  '^delete .*staged',
  ...Array.from({ length: 30 }, (_, n) => `call:${n * 5}`),
];

for (const point of isLong ? [...points, ...more] : points) {
  for (const when of isLong ? ['before', 'after'] : ['after']) {
    test(`killed ${when} writing ${point}: the archive clones, and the next run completes it`, async (t) => {
      const { portal, run, store, env, open } = await newBackup(t, {
        org: organization(),
        settings: { BACKUP_LFS_THRESHOLD: '1024' },
      });
      await run();
      const { host } = await open();
      await host.close();
      portal.org.addItem({ owner: 'backup', type: 'Web Map', title: 'New', json: { fresh: true } });
      portal.org.addItem({ owner: 'backup', type: 'CSV', title: 'Stations', file: 'stations.csv' });
      const old = (await git(store, 'rev-parse', 'main')).trim();
      const died = await runAndDie(env, point, when);
      if (!died && point.startsWith('call:')) return t.skip('a run has fewer calls');
      assert.ok(died, 'the run did not come to the place where it should die');

      const { log, folder } = await cloneArchive(t, store);
      const isPublished = (await git(folder, 'rev-parse', 'HEAD')).trim() !== old;
      assert.equal(log.length, isPublished ? 2 : 1);

      const { app, host: next } = await open({});
      const answer = await next.request({ method: 'POST', path: '/api/backups', headers: {}, body: '{}' });
      const { runId } = JSON.parse(answer.body) as { runId: string };
      assert.equal((await next.completed('ago-backup')).status, 'Completed');
      const after = await cloneArchive(t, store);
      await assertSameAsPortal(after, portal);
      assert.equal(after.log.length, 2, 'one commit for the change, whoever made it');
      const left = await Array.fromAsync(app.deps.store.list(`ago-backup/runs/${runId}/`), ({ name }) => name);
      assert.deepEqual(left, [], 'what a run staged goes with it');
    });
  }
}
