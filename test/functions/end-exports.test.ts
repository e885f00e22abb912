import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BackupError } from '../../lib/errors.ts';
import { faulty } from '../support/stores/faulty.ts';
import { MemoryStore } from '../../lib/storage/memory.ts';
import { newBackup } from '../support/backup.ts';
import { VirtualClock } from '../support/clock.ts';
import { Organization } from '../support/portal/organization.ts';

function layers(): Organization {
  const org = new Organization();
  for (let n = 0; n < 4; n++) org.addService({ owner: 'backup', title: `Parcels ${n}`, layers: ['A'] });
  return org;
}

const full = () => new BackupError('STORE_FULL', 'The disk is full.');

for (const [moment, isLast] of [
  ['when an export is known', (name: string, n: number) => name.startsWith('ago-backup/exports/') && n > 4],
  ['when an export is noted down', (name: string) => name.includes('/exporting/')],
  ['when an export is saved', (name: string) => name.includes('/staged/')],
] as [string, (name: string, n: number) => boolean][]) {
  test(`a disk that is full ${moment} leaves no export in the portal`, async (t) => {
    let isFull = false;
    let intents = 0;
    const store = faulty(new MemoryStore({ clock: new VirtualClock() }), ({ verb, name, to = name }) => {
      if (!['put', 'putStream', 'copy'].includes(verb)) return undefined;
      if (to.startsWith('ago-backup/exports/')) intents += 1;
      isFull ||= isLast(to, intents);
      return isFull ? full() : undefined;
    });
    const { portal, open } = await newBackup(t, { org: layers(), store });
    const { host } = await open();
    await host.request({ method: 'POST', path: '/api/backups', headers: {}, body: '{}' });
    const ended = await host.completed('ago-backup');
    assert.match(`${ended.status} ${ended.error}`, /Failed .*STORE_FULL/);
    assert.ok(portal.log.count(/POST .*\/export$/) > 0);
    assert.deepEqual(portal.leftovers(), []);
  });
}

test('a run that is cancelled leaves no export in the portal, though none of them ends', async (t) => {
  const { portal, open } = await newBackup(t, { org: layers(), rules: { end: 'never' } });
  const { host, app } = await open();
  const answer = await host.request({ method: 'POST', path: '/api/backups', headers: {}, body: '{}' });
  const { runId } = JSON.parse(answer.body) as { runId: string };
  while (portal.leftovers().length < 4) await new Promise((resolve) => setImmediate(resolve));
  const ended = await host.request({ method: 'DELETE', path: `/api/backups/${runId}`, headers: {} });
  assert.equal(ended.status, 200);
  assert.deepEqual(portal.leftovers(), []);
  await host.close();
  const record = await app.readRecord(runId);
  assert.deepEqual([record?.outcome, record?.warnings], ['cancelled', []]);
});

test('what a portal that is down keeps of a cancelled run is told, and the run is over all the same', async (t) => {
  const { portal, open } = await newBackup(t, { org: layers(), rules: { end: 'never' } });
  const { host, app } = await open();
  const answer = await host.request({ method: 'POST', path: '/api/backups', headers: {}, body: '{}' });
  const { runId } = JSON.parse(answer.body) as { runId: string };
  while (portal.leftovers().length < 4) await new Promise((resolve) => setImmediate(resolve));
  portal.faults.add({ times: Infinity, answer: 'reset' });
  const ended = await host.request({ method: 'DELETE', path: `/api/backups/${runId}`, headers: {} });
  assert.equal(ended.status, 200);
  await host.close();
  const record = await app.readRecord(runId);
  assert.equal(record?.outcome, 'cancelled');
  assert.match(record.warnings.join('\n'), /PORTAL_DOWN/);
});
