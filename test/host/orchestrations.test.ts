import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newHost } from './new-host.ts';

test('children run at the same time, activities no more than allowed, and the answers come in order', async (t) => {
  const { run, calls } = await newHost(t, { maxActivities: 3 });
  calls.most = 0;
  assert.deepEqual(await run('fanOut', { n: 20 }), { status: 'Completed', output: 380 });
  assert.equal(calls.most, 3);
});

test('a fan-out over nothing is no Task.all of nothing', async (t) => {
  const { run } = await newHost(t);
  assert.deepEqual(await run('fanNothing', {}), { status: 'Completed', output: [] });
});

test('Task.all of nothing fails here as it does in Azure', async (t) => {
  const { run } = await newHost(t);
  const { status, error } = await run('emptyAll');
  assert.equal(status, 'Failed');
  assert.match(error ?? '', /at least one Task/);
});

test('a retryable error is tried three times with growing pauses, any other once', async (t) => {
  const { run, clock, calls } = await newHost(t);
  const before = clock.now();
  assert.deepEqual(await run('retries', { key: 'twice', failures: 2 }), { status: 'Completed', output: 'done' });
  assert.equal(calls.counts.get('twice'), 3);
  assert.equal(clock.now() - before, 2000 + 4000);
});

test('a call that fails for good pauses once more after its last attempt, as Durable does', async (t) => {
  const { run, clock, calls } = await newHost(t);
  const before = clock.now();
  const { status, error } = await run('retries', { key: 'always', failures: 9 });
  assert.equal(status, 'Failed');
  assert.match(error ?? '', /\[STORE_UNREACHABLE\] The store is away\./);
  assert.equal(calls.counts.get('always'), 3);
  assert.equal(clock.now() - before, 2000 + 4000 + 4000);
});

test('an error keeps its code through activity, child and parent', async (t) => {
  const { run, calls } = await newHost(t);
  const { output } = await run('catches');
  assert.equal(output, 'AUTH_SIGN_IN: Wrong password.');
  assert.equal(calls.counts.get('refusing'), 1);
});

test('a timer lasts as long as it says, also over many days', async (t) => {
  const { run } = await newHost(t);
  for (const ms of [30_000, 20 * 86_400_000])
    assert.deepEqual(await run('sleeps', { ms }), { status: 'Completed', output: ms });
});

test('an orchestration that continues as new keeps a short history and its status', async (t) => {
  const lengths: number[] = [];
  const { run, post } = await newHost(t, { observe: ({ name, history }) => name === 'pages' && lengths.push(history) });
  const { output } = await run('pages', { page: 1, sum: 0 });
  assert.equal(output, (2 * (50 * 51)) / 2);
  assert.ok(Math.max(...lengths) < 12);
  const { body } = await post('/api/control/status/pages');
  assert.deepEqual((JSON.parse(body) as { customStatus: unknown }).customStatus, { page: 50 });
});

test('an orchestrator that asks for something else in its replay is found out', async (t) => {
  const { run } = await newHost(t);
  const { status, error } = await run('notDeterministic');
  assert.equal(status, 'Failed');
  assert.match(error ?? '', /deterministic|non-determinis/i);
});

test('a message above 45 kB fails loudly with its size', async (t) => {
  const { run } = await newHost(t);
  const { status, error } = await run('makesLarge', { size: 50_000 });
  assert.equal(status, 'Failed');
  assert.match(error ?? '', /output of 'large' has \d+ bytes/);
  assert.equal((await run('makesLarge', { size: 10_000 })).status, 'Completed');
});
