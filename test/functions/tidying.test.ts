import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { allTemporary, temporaryName } from '../../lib/archive/layout.ts';
import { readRecord } from '../../lib/archive/runs/run-record.ts';
import type { RunStep } from '../../lib/backup/run.ts';
import { BackupError } from '../../lib/errors.ts';
import { MemoryStore } from '../../lib/storage/memory.ts';
import { newBackup } from '../support/backup.ts';
import { VirtualClock } from '../support/clock.ts';
import { aroundInvocations, type Around } from '../support/invocations.ts';
import { Organization } from '../support/portal/organization.ts';
import { watched } from '../support/stores/counting.ts';

const day = 86_400_000;

/** An archive of one item with something to sweep; `night` is a run on another day, `tried` the times that it tidied up. */
async function archive(t: TestContext, around?: Around) {
  const clock = new VirtualClock();
  const org = new Organization();
  const { id } = org.addItem({ owner: 'backup', type: 'Web Map', title: 'Map', json: { n: 1 } }).record;
  const store = new MemoryStore({ clock });
  let isDown = false;
  const through = watched(store, (call, run) => {
    if (isDown && call.name === allTemporary) throw new BackupError('STORE_REFUSED', 'The store refused that.');
    return run();
  });
  const backup = await newBackup(t, { org, store: through });
  await backup.run();
  await store.put(temporaryName('left'), Buffer.from('of a dead run'));
  const tried: RunStep[] = [];
  const remove = await aroundInvocations((invocation, execute) => {
    if (invocation.name !== 'maintainArchive') return execute();
    tried.push(invocation.input as RunStep);
    return around === undefined ? execute() : around(invocation, execute);
  });
  t.after(remove);
  const night = (edited: boolean) => {
    for (const each of [clock, backup.clock]) each.advance(15 * day);
    if (edited) org.editItem(id, { snippet: `edited at ${clock.now()}` });
    return backup.run();
  };
  const left = async () => (await store.get(temporaryName('left'))) !== undefined;
  return { ...backup, memory: store, tried, night, left, goDown: () => (isDown = true) };
}

test('a night tidies up once it has published and told how it ended, and only if it made a commit', async (t) => {
  const seen: unknown[] = [];
  const { night, left, tried, events, memory } = await archive(t, async ({ input }, execute) => {
    const { runId } = input as RunStep;
    const told = events.some(({ event, runId: of }) => event === 'run.completed' && of === runId);
    seen.push([(await readRecord(memory, runId))?.outcome, told, await left()]);
    return execute();
  });
  assert.equal((await night(false)).commit, null);
  assert.deepEqual([tried.length, await left()], [0, true]);
  assert.equal((await night(true)).outcome, 'complete');
  assert.deepEqual([tried.length, seen, await left()], [1, [['complete', true, true]], false]);
  const tidied = events.filter(({ event }) => event === 'archive.tidied').map(({ outcome }) => outcome);
  assert.deepEqual(tidied, ['done', 'done'], 'the first night made a commit as well');
});

test('a store that refuses to be tidied up costs a run that has published a warning, and no more', async (t) => {
  const { night, left, tried, events, goDown } = await archive(t);
  goDown();
  const { outcome, warnings, commit } = await night(true);
  assert.deepEqual([outcome, tried.length, await left()], ['complete', 1, true]);
  assert.ok(commit);
  assert.deepEqual(warnings, [
    'The archive could not be tidied up (STORE_REFUSED: The store refused that.); the next run tries again.',
  ]);
  const { outcome: tidied, code } = events.findLast(({ event }) => event === 'archive.tidied') ?? {};
  assert.deepEqual([tidied, code], ['failed', 'STORE_REFUSED']);
});

test('a worker that dies each time it tidies up costs a run that has published nothing', async (t) => {
  const written = t.mock.method(process.stderr, 'write', () => true);
  const { night, tried, open } = await archive(t, () => {
    throw new Error('The language worker process exited.');
  });
  const { runId, outcome } = await night(true);
  assert.deepEqual([outcome, tried.length], ['complete', 3]);
  const { host } = await open();
  assert.deepEqual((await host.completed('ago-backup')).output, { runId, outcome: 'complete' });
  const said = written.mock.calls.map(({ arguments: [text] }) => String(text)).join('');
  assert.equal(said.match(/could not be tidied up/g)?.length, 1, said);
  assert.match(said, /The archive could not be tidied up; the next run tries again: .*exited/);
});
