import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StoppedClock } from '../support/clock.ts';
import { gate } from '../support/functions/gates.ts';
import { newHost } from './new-host.ts';

test('an activity of before continueAsNew does not answer for one of after it', async (t) => {
  const { host, start } = await newHost(t);
  await start('leaves', 'leavesActivity', { page: 1 });
  await gate('new').reached.promise;
  gate('old').opened.resolve();
  await settle();
  gate('new').opened.resolve();
  assert.deepEqual(await host.completed('leaves'), { status: 'Completed', output: 'new' });
});

test('a child of a run that failed does not answer to the next run of that id', async (t) => {
  const { host, start, run } = await newHost(t);
  assert.equal((await run('leavesChild', {})).status, 'Failed');
  await start('leavesChild', 'leavesChild', { again: true });
  await gate('second').reached.promise;
  gate('first').opened.resolve();
  await settle();
  gate('second').opened.resolve();
  assert.deepEqual(await host.completed('leavesChild'), { status: 'Completed', output: 'second' });
  assert.equal(host.stats().instances, 1, 'the child that nobody waits for is remembered');
});

test('a change in a long input is found out as well', async (t) => {
  const { run } = await newHost(t);
  const { status, error } = await run('changesLongInput');
  assert.equal(status, 'Failed');
  assert.match(error ?? '', /'changesLongInput' is not deterministic: action 0 was .+ is now/);
});

test('an orchestration that waits for nothing any more fails, though it had waited for an event', async (t) => {
  const { host, post, start, clock } = await newHost(t);
  await start('nothing', 'waitsForNothing');
  await post('/api/control/raise/nothing');
  await settle();
  clock.advance(10);
  gate('late').opened.resolve();
  const { status, error } = await host.completed('nothing');
  assert.equal(status, 'Failed');
  assert.match(error ?? '', /'waitsForNothing' is stuck/);
});

test('the timer of an orchestration that was ended ends with it', async (t) => {
  const clock = new StoppedClock();
  const { host, post, start } = await newHost(t, { clock });
  await start('long', 'sleeps', { ms: 60_000 });
  while (clock.sleepers === 0) await settle();
  await post('/api/control/terminate/long');
  await host.completed('long');
  assert.equal(clock.sleepers, 0);
});

test('children are forgotten page by page, not only with their parent', async (t) => {
  const most = { instances: 0 };
  const created: (() => number)[] = [];
  const { host, run } = await newHost(t, {
    observe: () => (most.instances = Math.max(most.instances, created[0]?.() ?? 0)),
  });
  created.push(() => host.stats().instances);
  assert.equal((await run('pagesOfChildren', { page: 1 })).status, 'Completed');
  assert.ok(most.instances <= 7, `${most.instances} instances were kept`);
  assert.equal(host.stats().instances, 1);
});

/** Gives everything that can go on the chance to. */
async function settle(): Promise<void> {
  for (let n = 0; n < 50; n++) await new Promise((resolve) => setImmediate(resolve));
}
