import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { logLine } from '../../lib/monitor/log.ts';
import { newBackup } from '../support/backup.ts';
import { Organization } from '../support/portal/organization.ts';

const root = new URL('../../', import.meta.url);

test('an activity logs no more than docs/operations.md counts with, first runs and quiet ones alike', async (t) => {
  const org = new Organization();
  for (let n = 0; n < 40; n++) org.addItem({ owner: 'backup', type: 'Web Map', title: `Map ${n}`, json: { n } });
  for (let n = 0; n < 5; n++) org.addService({ owner: 'backup', title: `Parcels ${n}`, layers: ['A'] });
  const backup = await newBackup(t, { org });
  const { host } = await backup.open();
  const counted = [];
  for (let run = 0; run < 2; run++) {
    const [events, before] = [backup.events.length, host.stats().activities];
    await backup.run();
    const lines = backup.events.slice(events).map((event) => Buffer.byteLength(logLine(event)));
    const activities = host.stats().activities - before;
    counted.push({ activities, lines: lines.length, bytes: lines.reduce((sum, each) => sum + each, 0) });
  }
  const operations = await readFile(new URL('docs/operations.md', root), 'utf8');
  const promised = Number(/at most (\d+) bytes of our own log lines an activity/.exec(operations)?.[1]);
  for (const { activities, lines, bytes } of counted) {
    t.diagnostic(
      `${activities} activities, ${lines} lines, ${bytes} bytes: ${Math.round(bytes / activities)} an activity`,
    );
    assert.ok(activities > 0 && bytes / activities <= promised, `${bytes} bytes by ${activities} activities`);
  }
});

test('the host does not log every request to the storage', async () => {
  const host = JSON.parse(await readFile(new URL('host.json', root), 'utf8')) as {
    logging: { logLevel: Record<string, string> };
  };
  assert.equal(host.logging.logLevel['Azure.Core'], 'Warning');
});
