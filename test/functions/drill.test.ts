import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { startLocalHost } from '../../lib/cli/local-host.ts';
import { readDrills } from '../../lib/restore/drill/record.ts';
import { aroundInvocations } from '../support/invocations.ts';
import { newWorld } from '../support/restore.ts';

/** An archive of two members' items, and a way to hold a drill. */
async function newDrill(t: TestContext) {
  const world = await newWorld(t, { settings: { RESTORE_DRILL_SCHEDULE: '0 0 15 1 * *', RESTORE_DRILL_ITEMS: '2' } });
  const { org, env, store, clock } = world;
  org.addMember('ana');
  org.addItem({ owner: 'ana', type: 'Web Map', title: 'Districts', json: { a: 1 } });
  org.addItem({ owner: 'ana', type: 'PDF', title: 'Flyer', file: 'flyer.pdf' });
  const before = JSON.stringify([...org.items.keys()]);
  // Functions are loaded once a process: the timer is one of them where a schedule is set by then.
  const { host } = await startLocalHost(env, () => undefined, { store, clock });
  t.after(() => host.close());
  await host.request({ method: 'POST', path: '/api/backups', headers: {}, body: '{}' });
  assert.equal((await host.completed('ago-backup')).error, undefined);
  const drill = async () => {
    clock.advance(60_000);
    await host.runTimer('startDrill');
    await host.completed('ago-backup-restore');
    return (await readDrills(store)).map(({ outcome, isTidy, items }) => [outcome, isTidy, items.length]);
  };
  const assertNothingLeft = () => {
    assert.equal(JSON.stringify([...org.items.keys()]), before);
    assert.deepEqual(
      [...org.items.values()].flatMap(({ record }) => record.typeKeywords.filter((k) => /^restore-/.test(k))),
      [],
    );
  };
  return { world, drill, assertNothingLeft };
}

test('a drill restores copies of items of different types, compares them, and leaves nothing in the portal', async (t) => {
  const { world, drill, assertNothingLeft } = await newDrill(t);
  assert.deepEqual(await drill(), [['complete', true, 2]]);
  assert.equal(
    world.portal.log.count(({ path }) => path.endsWith('/addItem')),
    2,
  );
  assertNothingLeft();
});

test('what a drill leaves that was killed in the middle, the next one deletes', async (t) => {
  const { world, drill, assertNothingLeft } = await newDrill(t);
  const remove = await aroundInvocations(({ name }, execute) => {
    if (name === 'tidyDrill' || name === 'endDrill') throw new Error('The worker is gone.');
    return execute();
  });
  assert.deepEqual(await drill(), [[null, false, 2]]);
  remove();
  assert.equal(world.org.items.size, 4);
  assert.deepEqual(await drill(), [
    [null, true, 2],
    ['complete', true, 2],
  ]);
  assertNothingLeft();
});
