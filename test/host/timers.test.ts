import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ticks } from '../support/functions/ticks.ts';
import { newHost } from './new-host.ts';

async function until(done: () => boolean): Promise<void> {
  while (!done()) await new Promise((resolve) => setImmediate(resolve));
}

test('timers fire on their schedule in UTC', async (t) => {
  const { host, clock } = await newHost(t);
  ticks.clear();
  ticks.now = () => clock.now();
  host.startTimers();
  await until(() => ticks.times.length >= 3);
  await host.close();
  const expected = ['2026-11-24T02:00:00.000Z', '2026-11-25T02:00:00.000Z', '2026-11-26T02:00:00.000Z'];
  assert.deepEqual(
    ticks.times.slice(0, 3).map((time) => new Date(time).toISOString()),
    expected,
  );
});

test('a day of the month and a day of the week must both fit', async (t) => {
  const { host, clock } = await newHost(t);
  ticks.clear();
  ticks.now = () => clock.now();
  host.startTimers();
  await until(() => ticks.fridays.length >= 1);
  await host.close();
  assert.equal(new Date(ticks.fridays[0] ?? 0).toISOString(), '2026-12-04T00:00:00.000Z');
});

test('a tick that takes long is not joined by a second one', async (t) => {
  const { host } = await newHost(t);
  ticks.clear();
  host.startTimers();
  await until(() => ticks.slow >= 3);
  await host.close();
  assert.equal(ticks.most, 1);
});

test('a tick that fails is logged, and the next one comes', async (t) => {
  const { host, logs } = await newHost(t);
  ticks.clear();
  ticks.failures = 2;
  host.startTimers();
  await until(() => ticks.slow >= 3);
  await host.close();
  assert.equal(logs.filter(({ level, message }) => level === 'error' && message === 'The clock struck.').length, 2);
});

test('a timer fires by hand, and nothing else does', async (t) => {
  const { host } = await newHost(t);
  ticks.clear();
  await host.runTimer('tick');
  assert.equal(ticks.times.length, 1);
  await assert.rejects(host.runTimer('echo'), /'echo' has no timer/);
  await assert.rejects(host.runTimer('nobody'), /no function named 'nobody'/);
});
