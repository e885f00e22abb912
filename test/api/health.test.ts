import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createHealth } from '../../lib/api/health.ts';
import { BackupError } from '../../lib/errors.ts';
import { faulty } from '../support/stores/faulty.ts';
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

test('health asks the store once in ten seconds, however many ask at a time and whatever the answer is', async () => {
  const clock = new VirtualClock();
  const asked: PromiseWithResolvers<void>[] = [];
  const failures: unknown[] = [];
  const health = createHealth(clock, () => {
    asked.push(Promise.withResolvers());
    return asked.at(-1)!.promise;
  });
  const ask = () => health((error) => failures.push(error));
  const first = [ask(), ask()];
  // A store that takes its time is not asked again meanwhile.
  clock.advance(60_000);
  first.push(ask());
  asked[0]!.reject(new Error('no answer'));
  assert.deepEqual(await Promise.all(first), [false, false, false]);
  clock.advance(9_999);
  assert.equal(await ask(), false);
  assert.deepEqual([asked.length, failures.length], [1, 1]);
  clock.advance(1);
  const second = ask();
  asked[1]!.resolve();
  assert.equal(await second, true);
  assert.equal(await ask(), true);
  assert.equal(asked.length, 2);
  // A clock that went back must not keep an answer for years.
  clock.advance(-3_600_000);
  void ask();
  assert.equal(asked.length, 3);
});
