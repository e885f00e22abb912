import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newHost } from './new-host.ts';

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

test('a status has times, input, output and the state as Durable names it', async (t) => {
  const { clock, run, post } = await newHost(t);
  const created = new Date(clock.now()).toISOString();
  await run('sleeps', { ms: 60_000 }, 'one');
  const { createdTime, lastUpdatedTime, ...status } = JSON.parse(
    (await post('/api/control/status/one')).body,
  ) as Record<string, unknown>;
  assert.deepEqual([createdTime, lastUpdatedTime], [created, new Date(clock.now()).toISOString()]);
  assert.partialDeepStrictEqual(status, {
    name: 'sleeps',
    instanceId: 'one',
    runtimeStatus: 'Completed',
    input: { ms: 60_000 },
    output: 60_000,
  });
});

test('a status moves with every turn, so that silence can be told from work', async (t) => {
  const { clock, start, post } = await newHost(t);
  await start('one', 'listensTwice');
  clock.advance(3_600_000);
  await post('/api/control/raise/one');
  const status = JSON.parse((await post('/api/control/status/one')).body) as Record<string, unknown>;
  assert.deepEqual(
    [status['runtimeStatus'], status['lastUpdatedTime']],
    ['Running', new Date(clock.now()).toISOString()],
  );
});

test('the id of a run that has ended may be used again', async (t) => {
  const { run } = await newHost(t);
  assert.equal((await run('fanNothing', {}, 'one')).status, 'Completed');
  assert.equal((await run('emptyAll', {}, 'one')).status, 'Failed');
  assert.equal((await run('fanNothing', {}, 'one')).status, 'Completed');
});

test('what is suspended takes no turn until it is resumed', async (t) => {
  const { host, post, start } = await newHost(t);
  await start('one', 'listens');
  await post('/api/control/suspend/one');
  await post('/api/control/raise/one');
  const { runtimeStatus } = JSON.parse((await post('/api/control/status/one')).body) as { runtimeStatus: string };
  assert.equal(runtimeStatus, 'Suspended');
  await post('/api/control/resume/one');
  assert.deepEqual(await host.completed('one'), { status: 'Completed', output: 'heard yes' });
});

test('an event or an end for what has ended is no failure, as in Azure', async (t) => {
  const { run, post } = await newHost(t);
  await run('fanNothing', {}, 'one');
  assert.equal((await post('/api/control/raise/one')).status, 200);
  assert.equal((await post('/api/control/terminate/one')).status, 200);
});

test('purging by time and state leaves what is younger, and what runs', async (t) => {
  const { host, clock, start, run, post } = await newHost(t);
  await run('fanNothing', {}, 'old');
  clock.advance(86_400_000);
  await run('fanNothing', {}, 'young');
  await start('running', 'listens');
  const purged = await post('/api/control/purgeBefore/x', { to: clock.now() - 3_600_000 });
  assert.deepEqual(JSON.parse(purged.body), { instancesDeleted: 1 });
  assert.deepEqual([(await host.completed('young')).status, host.stats().instances], ['Completed', 2]);
  await assert.rejects(host.completed('old'), /no orchestration old/);
});

test('an input too large for a queue is refused at the start, with its size', async (t) => {
  const { start, host } = await newHost(t);
  const answer = await start('one', 'listens', { text: 'x'.repeat(50_000) });
  assert.match(answer.body, /input of 'listens' has \d+ bytes/);
  assert.equal(host.stats().instances, 0);
});
