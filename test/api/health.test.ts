import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BackupError } from '../../lib/errors.ts';
import { faulty } from '../../lib/storage/faulty.ts';
import { MemoryStore } from '../../lib/storage/memory.ts';
import { VirtualClock } from '../support/clock.ts';
import { newBackup } from '../support/backup.ts';

test('health is 503 when the store refuses, and tells nobody why', async (t) => {
  const memory = new MemoryStore({ clock: new VirtualClock() });
  const store = faulty(memory, () => new BackupError('STORE_REFUSED', 'The secret account refuses.'));
  const { open } = await newBackup(t, { store });
  const { host } = await open();
  const { status, body } = await host.request({ method: 'GET', path: '/api/health', headers: {} });
  assert.deepEqual([status, body], [503, '']);
});
