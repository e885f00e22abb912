import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  claimRun,
  readHolder,
  releaseRestore,
  runElsewhere,
  type HolderDeps,
} from '../../lib/archive/runs/run-holder.ts';
import { newRunId } from '../../lib/archive/runs/run-history.ts';
import { isCode } from '../../lib/errors.ts';
import { MemoryStore } from '../../lib/storage/memory.ts';
import { VirtualClock } from '../support/clock.ts';

const clock = new VirtualClock();
const id = (n: number) => newRunId(clock.now() + n, String(n).repeat(40));
const active = (error: unknown) => isCode(error, 'RUN_ACTIVE');

/** Hosts of one archive, none of which can see whether another is gone. */
function newHosts() {
  const store = new MemoryStore({ clock });
  return (name: string, isGone = false): HolderDeps => ({
    store,
    clock,
    silence: 3_600_000,
    host: () => Promise.resolve({ id: name, name, isGone: () => Promise.resolve(isGone) }),
  });
}

test('while a restore is under way no backup and no other restore begins, also on its own host', async () => {
  const at = newHosts();
  await claimRun(at('a'), { runId: id(1), started: clock.now() }, 'restore');
  for (const host of ['a', 'b']) {
    const step = { runId: id(2), started: clock.now() };
    await assert.rejects(
      claimRun(at(host), step),
      (error) => active(error) && /^Restore /.test(String((error as Error).message)),
    );
    await assert.rejects(claimRun(at(host), step, 'restore'), active);
  }
  assert.equal((await runElsewhere(at('b')))?.is, 'restore');
});

test('a restore that is over hinders nobody, and is buried by nobody', async () => {
  const at = newHosts();
  await claimRun(at('a'), { runId: id(1), started: clock.now() }, 'restore');
  await releaseRestore(at('a'), id(1));
  assert.equal(await claimRun(at('b'), { runId: id(2), started: clock.now() }), undefined);
  assert.equal((await readHolder(at('b').store))?.runId, id(2));
});

test('a restore goes on in another process when the first is seen to be gone, and not before', async () => {
  const at = newHosts();
  const step = { runId: id(1), started: clock.now() };
  await claimRun(at('a'), step, 'restore');
  await assert.rejects(claimRun(at('b'), step, 'restore'), active);
  await claimRun(at('b', true), step, 'restore');
  assert.equal((await readHolder(at('b').store))?.host, 'b');
  await claimRun(at('b'), step, 'restore');
});
