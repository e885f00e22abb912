import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { MemoryStore } from '../../../lib/storage/memory.ts';
import { aroundInvocations, type Around, type Execute } from '../../support/invocations.ts';
import { Nights } from '../../support/nights.ts';

/**
 * A message of Durable may be delivered again hours later. The activities of one run are executed again while the next one
 * is under way: of a run that ended well, and of one that was cut off before its last step, whose blobs are still there.
 */
interface Past {
  store: MemoryStore;
  /** executions to be done again, by activity */
  late: Map<string, Execute[]>;
  /** commits when the next night is over */
  commits: number;
}

let nights: Nights;
const pasts: Record<string, Past> = {};

before(async () => {
  nights = await Nights.open();
  pasts['ended well'] = await past(3);
  pasts['was cut off'] = await past(2);
  nights.changeAgain();
  await nights.rehearse();
});
after(() => nights.portal.close());

/** A second night, which ends well or whose host is closed before the last step; its activities are remembered. */
async function past(commits: number): Promise<Past> {
  const store = nights.base.snapshot();
  const late: Past['late'] = new Map();
  const reached = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<null>();
  const remember: Around = ({ name, kind }, execute) => {
    if (kind === 'activity') late.set(name, [...(late.get(name) ?? []), execute]);
    if (name !== 'finishBackup' || commits === 3) return execute();
    reached.resolve();
    return closed.promise;
  };
  const remove = await aroundInvocations(remember);
  const opened = await nights.open(store);
  await nights.start(opened);
  await (commits === 3 ? opened.host.completed('ago-backup') : reached.promise);
  const closing = opened.host.close();
  closed.resolve(null);
  await closing;
  remove();
  return { store, late, commits };
}

/** Executes one of these, in turn, before each activity of the run at hand that comes after its first. */
function among(late: readonly Execute[]) {
  const done: Promise<unknown>[] = [];
  const around: Around = async ({ name, kind }, execute) => {
    const each = late[done.length % late.length];
    if (kind !== 'activity' || name === 'beginRun' || each === undefined) return execute();
    done.push(each());
    // Whatever becomes of it: nobody waits for its answer any more.
    await Promise.allSettled(done);
    return execute();
  };
  return { done, around };
}

for (const end of ['ended well', 'was cut off']) {
  // The rest alone only where the blobs of the old run are still there.
  for (const which of end === 'ended well' ? ['all'] : ['all', 'beginRun', 'checkUser', 'startExport']) {
    test(`${which} of a run that ${end}, executed again while the next one is under way, changes nothing`, async (t) => {
      const { store, late, commits } = pasts[end] ?? assert.fail();
      const copy = store.snapshot();
      const { done, around } = among(which === 'all' ? [...late.values()].flat() : (late.get(which) ?? []));
      const { status, record } = await nights.night(copy, around);
      assert.ok(done.length > 20, `${done.length} executions`);
      assert.deepEqual([status, record?.outcome, record?.error], ['Completed', 'complete', undefined]);
      await nights.assertUndisturbed(t, copy, commits);
    });
  }
}
