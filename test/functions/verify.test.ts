import assert from 'node:assert/strict';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { faulty } from '../support/stores/faulty.ts';
import { MemoryStore } from '../../lib/storage/memory.ts';
import { verifyArchive } from '../../lib/upkeep/verify/weekly.ts';
import { newBackup } from '../support/backup.ts';
import { VirtualClock } from '../support/clock.ts';
import { startHealthchecks } from '../support/healthchecks.ts';
import { Organization } from '../support/portal/organization.ts';

/** An archive with a Git LFS object; `verify` fires the weekly timer and waits for what it started. */
async function archive(t: TestContext, settings: Record<string, string>) {
  const org = new Organization();
  org.addItem({ owner: 'backup', type: 'PDF', title: 'Flyer', file: 'flyer.pdf' });
  const backup = await newBackup(t, { org, settings: { BACKUP_LFS_THRESHOLD: '1024', ...settings } });
  await backup.run();
  const { host } = await backup.open();
  const verify = async () => {
    await host.runTimer('startVerify');
    return (await host.completed('ago-backup-verify')).output;
  };
  const loseFlyer = async () => {
    const names = await readdir(join(backup.store, 'lfs'), { recursive: true });
    await rm(join(backup.store, 'lfs', names.find((name) => /[0-9a-f]{64}$/.test(name)) ?? assert.fail()));
  };
  return { ...backup, verify, loseFlyer };
}

test('the weekly verification pings its own check, and changes nothing in the store', async (t) => {
  const checks = await startHealthchecks();
  t.after(() => checks.close());
  const { verify, loseFlyer, store, events } = await archive(t, { HEALTHCHECKS_VERIFY_URL: checks.url });
  const before = (await readdir(store, { recursive: true })).sort();
  assert.deepEqual(await verify(), { outcome: 'sound' });
  assert.deepEqual((await readdir(store, { recursive: true })).sort(), before);
  await loseFlyer();
  assert.deepEqual(await verify(), { outcome: 'damaged' });
  assert.deepEqual(
    checks.heard.map(({ signal }) => signal),
    ['success', 'fail'],
  );
  assert.match(checks.heard[0]?.body ?? '', /1 commit, 1 item, .*\nThe archive is sound\.$/);
  assert.match(checks.heard[1]?.body ?? '', /DAMAGE {2}The Git LFS object .* is missing .*\n +Run `ago-backup repair`/);
  const told = events.filter(({ event }) => event === 'archive.verified');
  assert.deepEqual(
    told.map(({ outcome, count }) => [outcome, count]),
    [
      ['sound', 0],
      ['damaged', 1],
    ],
  );
});

test('without a check of its own, damage is told to the check of the backup, and soundness is not', async (t) => {
  const checks = await startHealthchecks();
  t.after(() => checks.close());
  const { verify, loseFlyer } = await archive(t, { HEALTHCHECKS_PING_URL: checks.url });
  const before = checks.heard.length;
  await verify();
  assert.equal(checks.heard.length, before);
  await loseFlyer();
  await verify();
  assert.deepEqual(
    checks.heard.slice(before).map(({ signal }) => signal),
    ['fail'],
  );
});

test('a store that does not answer is told as well, and a ping that is not heard stands in the log', async (t) => {
  const checks = await startHealthchecks();
  t.after(() => checks.close());
  const { verify, store, events } = await archive(t, { HEALTHCHECKS_VERIFY_URL: checks.url });
  checks.status = 500;
  assert.deepEqual(await verify(), { outcome: 'sound' });
  assert.deepEqual(
    events.filter(({ event }) => event === 'archive.verified').map(({ outcome, code }) => [outcome, code]),
    [
      ['sound', undefined],
      ['untold', 'PING_FAILED'],
    ],
  );
  checks.status = 200;
  await rm(store, { recursive: true });
  assert.deepEqual(await verify(), { outcome: 'damaged' });
  assert.match(checks.heard.at(-1)?.body ?? '', /backup\.git holds no archive\.\n +Check BACKUP_STORE/);

  const clock = new VirtualClock();
  const dead = faulty(new MemoryStore({ clock }), () => 'before');
  const heard: string[] = [];
  const ping = (signal: string, _runId: string, body: string) => Promise.resolve(heard.push(signal, body) > 0);
  const parts = { store: dead, clock, verifyPing: () => Promise.resolve(ping) };
  await assert.rejects(
    verifyArchive(parts, { runId: 'r', started: 0 }, () => undefined),
    { code: 'STORE_UNREACHABLE' },
  );
  assert.equal(heard[0], 'fail');
  assert.match(heard[1] ?? '', /^The archive could not be verified: STORE_UNREACHABLE/);
});

test('four weeks read every Git LFS object', async (t) => {
  const org = new Organization();
  for (let n = 0; n < 40; n++)
    org.addItem({ owner: 'backup', type: 'Web Map', title: `Map ${n}`, json: { long: `${n} `.repeat(1000) } });
  const { run, open, clock, events } = await newBackup(t, { org, settings: { BACKUP_LFS_THRESHOLD: '1024' } });
  await run();
  const { host } = await open();
  for (let n = 0; n < 4; n++) {
    await host.runTimer('startVerify');
    await host.completed('ago-backup-verify');
    clock.advance(7 * 86_400_000);
  }
  const bytes = events.filter(({ event }) => event === 'archive.verified').map((each) => each.bytes ?? 0);
  const all = Array.from({ length: 40 }, (_, n) => Buffer.byteLength(JSON.stringify({ long: `${n} `.repeat(1000) })));
  assert.ok(bytes.every((each) => each > 0));
  assert.equal(
    bytes.reduce((sum, each) => sum + each, 0),
    all.reduce((sum, each) => sum + each, 0),
  );
});
