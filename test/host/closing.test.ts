import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { temporaryFolder } from '../git/stock-git.ts';
import { StoppedClock } from '../support/clock.ts';
import { start as startCommand } from '../support/command.ts';
import { gate } from '../support/functions/gates.ts';
import { newHost } from './new-host.ts';

test('closing waits for the activities under way, and begins none of those in line', async (t) => {
  const { host, start } = await newHost(t, { maxActivities: 1, patience: 2 ** 30 });
  await start('first', 'waitsAtGate', { name: 'closing-1' });
  await gate('closing-1').reached.promise;
  await start('second', 'waitsAtGate', { name: 'closing-2' });
  let isClosed = false;
  const closing = host.close().then(() => (isClosed = true));
  const again = host.close().then(() => assert.ok(isClosed, 'the second close ended before the first'));
  for (let n = 0; n < 20; n++) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(isClosed, false);
  gate('closing-1').opened.resolve();
  await Promise.all([closing, again]);
  assert.equal(host.stats().activities, 1);
});

test('closing does not wait for ever, and nothing goes on afterwards', async (t) => {
  const { host, start } = await newHost(t, { patience: 1 });
  await start('stays', 'waitsAtGate', { name: 'closing-3' });
  await gate('closing-3').reached.promise;
  const waiting = assert.rejects(host.completed('stays'), /closed before the orchestration ended/);
  await host.close();
  await waiting;
  const { turns } = host.stats();
  gate('closing-3').opened.resolve();
  for (let n = 0; n < 20; n++) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(host.stats().turns, turns);
  await assert.rejects(host.completed('stays'), /closed before/);
});

test('closing ends durable timers, so that nothing keeps the process', async (t) => {
  const clock = new StoppedClock();
  const { host, start } = await newHost(t, { clock });
  await start('long', 'sleeps', { ms: 60_000 });
  while (clock.sleepers === 0) await new Promise((resolve) => setImmediate(resolve));
  await host.close();
  assert.equal(clock.sleepers, 0);
});

test('serve ends by itself though the portal never answers', { timeout: 60_000 }, async (t) => {
  const asked = Promise.withResolvers<void>();
  const silent = createServer(() => asked.resolve()).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const cwd = await temporaryFolder(t);
  const env = {
    ARCGIS_PORTAL_URL: `http://127.0.0.1:${(silent.address() as AddressInfo).port}`,
    ARCGIS_USERNAME: 'backup',
    ARCGIS_PASSWORD: 'secret',
    BACKUP_STORE: `file:${cwd}/backup.git`,
  };
  const { child, output } = startCommand(['serve', '--port', '0'], env, cwd);
  t.after(() => {
    child.kill('SIGKILL');
    silent.closeAllConnections();
    silent.close();
  });
  while (!output.stderr.includes('Listening')) await once(child.stderr, 'data');
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(output.stderr)?.[0] ?? '';
  assert.equal((await fetch(`${url}/api/backups`, { method: 'POST', body: '{}' })).status, 202);
  await asked.promise;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  assert.deepEqual(await ended, [0, null]);
});
