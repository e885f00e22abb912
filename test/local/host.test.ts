import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { Turn } from '../../lib/local/engine.ts';
import { createHost } from '../../lib/local/host.ts';
import { VirtualClock } from '../support/clock.ts';

async function newHost(t: TestContext, more: { maxActivities?: number; observe?: (turn: Turn) => void } = {}) {
  const clock = new VirtualClock();
  const { maxActivities = 4, observe } = more;
  const host = await createHost({ clock, maxActivities, log: () => undefined, ...(observe && { observe }) });
  t.after(() => host.close());
  await host.load(async () => void (await import('../support/local-functions.ts')));
  const { calls } = await import('../support/local-functions.ts');
  calls.counts.clear();
  const post = (path: string, body?: unknown) =>
    host.request({ method: 'POST', path, headers: {}, ...(body !== undefined && { body: JSON.stringify(body) }) });
  const start = (id: string, name: string, input?: unknown) => post(`/api/control/start/${id}`, { name, input });
  const run = async (name: string, input?: unknown) => {
    assert.equal((await start(name, name, input)).status, 200);
    return host.completed(name);
  };
  return { host, clock, calls, post, start, run };
}

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
  assert.ok(error);
});

test('a retryable error is tried three times with growing pauses, any other once', async (t) => {
  const { run, clock, calls } = await newHost(t);
  const before = clock.now();
  assert.deepEqual(await run('retries', { key: 'twice', failures: 2 }), { status: 'Completed', output: 'done' });
  assert.equal(calls.counts.get('twice'), 3);
  assert.equal(clock.now() - before, 2000 + 4000);
  const { status, error } = await run('retries', { key: 'always', failures: 9 });
  assert.equal(status, 'Failed');
  assert.match(error ?? '', /\[STORE_UNREACHABLE\] The store is away\./);
  assert.equal(calls.counts.get('always'), 3);
});

test('an error keeps its code through activity, child and parent', async (t) => {
  const { run, calls } = await newHost(t);
  const { output } = await run('catches');
  assert.match(String(output), /\[AUTH_SIGN_IN\] Wrong password\./);
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

test('the real client starts, refuses a twin, asks, ends, raises events and purges', async (t) => {
  const { host, post, start } = await newHost(t);
  assert.equal((await start('one', 'listens')).status, 200);
  assert.equal((await start('one', 'listens')).status, 409);
  assert.equal((await post('/api/control/status/nobody')).status, 404);
  await post('/api/control/raise/one');
  assert.deepEqual(await host.completed('one'), { status: 'Completed', output: 'heard yes' });
  await start('two', 'sleeps', { ms: 2 ** 40 });
  await post('/api/control/terminate/two');
  assert.deepEqual(await host.completed('two'), { status: 'Terminated', output: 'enough' });
  assert.deepEqual(JSON.parse((await post('/api/control/purge/one')).body), { instancesDeleted: 1 });
  assert.equal((await post('/api/control/status/one')).status, 404);
});

test('HTTP functions are found by route and method', async (t) => {
  const { host } = await newHost(t);
  const answer = await host.request({ method: 'POST', path: '/api/echo/a%20b?x=1', headers: {}, body: 'hello' });
  assert.deepEqual([answer.status, answer.headers['x-name'], answer.body], [201, 'a b', 'hello']);
  assert.equal((await host.request({ method: 'GET', path: '/api/echo/a', headers: {} })).status, 405);
  assert.equal((await host.request({ method: 'GET', path: '/api/nothing', headers: {} })).status, 404);
});

test('the server answers this machine only, not a page that a browser shows', async (t) => {
  const { host } = await newHost(t);
  const { port } = await host.serve(0);
  const url = `http://127.0.0.1:${port}/api/echo/a`;
  const answer = await fetch(url, { method: 'POST', body: 'hello' });
  assert.deepEqual([answer.status, await answer.text()], [201, 'hello']);
  assert.equal((await fetch(url, { method: 'POST', headers: { origin: 'https://evil.example' } })).status, 403);
  const { request } = await import('node:http');
  const status = await new Promise((resolve) => {
    request(
      { port, host: '127.0.0.1', path: '/api/echo/a', method: 'POST', headers: { host: 'evil.example' } },
      (incoming) => {
        incoming.resume();
        resolve(incoming.statusCode);
      },
    ).end();
  });
  assert.equal(status, 403);
});

test('timers fire on their schedule in UTC', async (t) => {
  const { host, clock, calls } = await newHost(t);
  const from = clock.now();
  host.startTimers();
  while ((calls.counts.get('tick') ?? 0) < 3) await new Promise((resolve) => setImmediate(resolve));
  await host.close();
  assert.ok(clock.now() - from >= 2 * 86_400_000);
});

test('closing ends what waits, and nothing runs afterwards', async (t) => {
  const { host, start, calls } = await newHost(t);
  await start('forever', 'listens');
  await host.close();
  await host.close();
  assert.equal(calls.running, 0);
});
