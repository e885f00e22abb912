import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { toFailure } from '../../../lib/errors.ts';
import { watched } from '../../support/stores/counting.ts';
import type { MemoryStore } from '../../../lib/storage/memory.ts';
import { aroundInvocations, type Execute } from '../../support/invocations.ts';
import { Nights } from '../../support/nights.ts';
import { Straggler } from '../../support/straggler.ts';

/** A run whose worker sleeps in its last step, is declared dead by the next run, and wakes up again. */
let nights: Nights;
/** as it was when the last step began */
let asleep: MemoryStore;
let finish: Execute;

before(async () => {
  nights = await Nights.open();
  asleep = nights.base.snapshot();
  const reached = Promise.withResolvers<Execute>();
  const closed = Promise.withResolvers<null>();
  const remove = await aroundInvocations(({ name }, execute) => {
    if (name !== 'finishBackup') return execute();
    reached.resolve(execute);
    return closed.promise;
  });
  const opened = await nights.open(asleep);
  await nights.start(opened);
  finish = await reached.promise;
  const closing = opened.host.close();
  closed.resolve(null);
  await closing;
  remove();
  nights.changeAgain();
  await nights.rehearse();
});
after(() => nights.portal.close());

/** How the zombie's last step ended: a code, or nothing when it got through. */
function codeOf(end: unknown): string | undefined {
  if (end instanceof Error) return toFailure(end).code;
  return (end as { failure?: { code: string } }).failure?.code;
}

test('a zombie that wakes when the next run has published gets RUN_DEAD or BRANCH_MOVED, at whichever call it slept', async (t) => {
  const old = (await nights.head(asleep)).commit;
  const codes = new Map<string | undefined, number>();
  for (let at = 0, stopped = true; stopped; at += 26) {
    const store = asleep.snapshot();
    const zombie = await Straggler.open(t, nights, store, at);
    const opened = await nights.open(store);
    t.after(() => opened.host.close());
    await zombie.begin(finish, opened);
    // It may have slept in only when its commit was on the branch; then the next run builds on that.
    const isPublished = (await nights.head(store)).commit !== old;
    const { record, status } = await nights.run(opened);
    assert.deepEqual([status, record?.outcome, record?.error], ['Completed', 'complete', undefined]);
    const { commit } = await nights.head(store);
    const code = codeOf(await zombie.finish());
    stopped = zombie.stopped;
    if (!isPublished) assert.ok(code === 'RUN_DEAD' || code === 'BRANCH_MOVED', `call ${at}: ${code}`);
    codes.set(code, (codes.get(code) ?? 0) + 1);
    assert.equal((await nights.head(store)).commit, commit, `call ${at}: the zombie moved the branch`);
    await nights.assertUndisturbed(t, store, isPublished ? 3 : 2);
  }
  assert.ok(codes.has('RUN_DEAD'));
  t.diagnostic(JSON.stringify([...codes]));
});

for (const [where, at] of [
  ['at its first call', 0],
  ['after it had looked whether it is dead', 2],
  ['before its pack', 60],
] as const) {
  test(`a zombie that slept ${where} and wakes between the pack and the branch of the next run loses, and the next run does not`, async (t) => {
    const store = asleep.snapshot();
    const zombie = await Straggler.open(t, nights, store, at);
    let end: unknown;
    const opened = await nights.open(
      watched(store, async ({ verb, name }, run) => {
        if (verb === 'put' && name === 'refs/heads/main') end = await zombie.finish();
        return run();
      }),
    );
    t.after(() => opened.host.close());
    await zombie.begin(finish, opened);
    const { record } = await nights.run(opened);
    assert.ok(zombie.stopped);
    assert.deepEqual([codeOf(end), record?.outcome, record?.error], ['RUN_DEAD', 'complete', undefined]);
    await nights.assertUndisturbed(t, store);
  });
}
