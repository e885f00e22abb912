import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { toFailure } from '../lib/errors.ts';
import { createHost } from '../lib/host/host.ts';
import { VirtualClock } from './support/clock.ts';
import { aroundInvocations } from './support/invocations.ts';
import { told } from './support/functions/told.ts';

async function newRun(t: TestContext) {
  const clock = new VirtualClock();
  const host = await createHost({ clock, maxActivities: 4, log: () => undefined });
  t.after(() => host.close());
  await host.load(async () => void (await import('./support/functions/typed.ts')));
  return async (name: string, input: object = {}) => {
    const { status } = await host.request({
      method: 'POST',
      path: `/api/begin/${name}`,
      headers: {},
      body: JSON.stringify(input),
    });
    assert.equal(status, 200);
    const before = clock.now();
    const ended = await host.completed(name);
    return { ...ended, took: clock.now() - before };
  };
}

test('what an activity refuses for good comes back as the error it was, at once and once', async (t) => {
  const run = await newRun(t);
  told.attempts = 0;
  const { output, took } = await run('tellsFailure', { code: 'EXPORT_REFUSED', retryable: false });
  assert.deepEqual(output, {
    code: 'EXPORT_REFUSED',
    message: 'The portal said no.',
    hint: 'Ask the owner.',
    isOurs: true,
  });
  assert.deepEqual([told.attempts, took], [1, 0]);
});

test('what may succeed later is tried three times, then crosses as [CODE] message', async (t) => {
  const run = await newRun(t);
  told.attempts = 0;
  const { output } = await run('tellsFailure', { code: 'STORE_UNREACHABLE', retryable: true });
  assert.equal(told.attempts, 3);
  assert.partialDeepStrictEqual(output, { code: 'STORE_UNREACHABLE', message: 'The portal said no.', isOurs: false });
});

test('an error that is not ours is tried three times as well, and stays INTERNAL', async (t) => {
  const run = await newRun(t);
  told.attempts = 0;
  const { status, error } = await run('breaks');
  assert.deepEqual([status, told.attempts], ['Failed', 3]);
  assert.deepEqual(
    [toFailure(new Error(error)).code, toFailure(new Error(error)).message],
    ['INTERNAL', 'x is not a function'],
  );
});

test('neither the stack nor the cause of an error gets into the history', async (t) => {
  const run = await newRun(t);
  const { error = '' } = await run('breaks');
  assert.doesNotMatch(error, /hidden cause|typed\.ts/);
});

test('children answer in the order they were asked, under the ids they were given', async (t) => {
  const run = await newRun(t);
  assert.deepEqual(
    (await run('asksAll', { n: 12 })).output,
    Array.from({ length: 12 }, (_, n) => `kid-${n}`),
  );
  assert.deepEqual((await run('asksAll', { n: 0 })).output, []);
});

test('a child whose worker went away is called again, under its id, and one that failed by itself is not', async (t) => {
  const run = await newRun(t);
  let left = 2;
  const remove = await aroundInvocations(({ name, kind }, execute) => {
    if (kind === 'orchestrator' && (name === 'kid' || name === 'failingKid') && left-- > 0)
      throw new Error('Non-Deterministic workflow detected: the worker was away.');
    return execute();
  });
  t.after(remove);
  assert.deepEqual((await run('asksAll', { n: 1 })).output, ['kid-0']);
  told.attempts = 0;
  const { output } = await run('asksFailing', { code: 'AUTH_SIGN_IN' });
  assert.deepEqual([output, told.attempts], [{ code: 'AUTH_SIGN_IN', isOurs: true }, 1]);
});

test('a child whose worker goes away again and again fails its caller after a minute', async (t) => {
  const run = await newRun(t);
  const remove = await aroundInvocations(({ name }, execute) => {
    if (name === 'kid') throw new Error('Non-Deterministic workflow detected: the worker was away.');
    return execute();
  });
  t.after(remove);
  const { status, error, took } = await run('asksAll', { n: 2 });
  assert.deepEqual([status, took], ['Failed', 62_000]);
  assert.match(error ?? '', /\[INTERNAL\] .*Non-Deterministic/);
});

test('a wait is never shorter than two seconds, since Azure fires short timers early', async (t) => {
  const run = await newRun(t);
  assert.equal((await run('waits', { ms: 5 })).output, 2000);
  assert.equal((await run('waits', { ms: 90_000 })).output, 90_000);
});
