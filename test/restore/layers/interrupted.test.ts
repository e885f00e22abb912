import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { BackupError } from '../../../lib/errors.ts';
import { newWorld } from '../../support/restore.ts';
import { addRoads, addView, layerOf, serviceImageOf } from '../../support/services.ts';
import { dying } from '../../support/stores/dying.ts';

/** Every call and every entry in the long form; in the suite those around making a service. */
const isLong = process.env['LONG'] === '1';

/** A service and its view, which are deleted again and again. */
async function newLoss(t: TestContext) {
  const world = await newWorld(t, { writing: { bin: 'off' } });
  const { org } = world;
  const roads = await addRoads(world);
  const view = await addView(world, 'Wide', 'Roads');
  await world.backup();
  const { commit } = (await world.restores().plan({ items: [view] })).plan.items[0] ?? assert.fail();
  let living = [roads, view];
  const image = () => Promise.all(living.map((id) => serviceImageOf(world, id)));
  const before = JSON.stringify(await image());
  const lose = () => {
    for (const id of living.toReversed()) org.deleteItem(id);
    return { items: [view, roads], at: commit };
  };
  /** Is everything as after a restore that nothing has disturbed? */
  const check = async (about: string) => {
    const all = [...org.items.values()];
    living = [roads, view].map((id) => {
      const made = all.filter(({ record }) => record.typeKeywords.includes(`source-${id}`));
      assert.equal(made.length, 1, `${about}: copies`);
      return made[0]?.record.id ?? '';
    });
    assert.equal(all.length, 2, about);
    const was = before.replaceAll(roads, living[0] ?? '').replaceAll(view, living[1] ?? '');
    assert.deepEqual(await image(), JSON.parse(was), about);
    assert.equal(layerOf(org.services.get('Wide') ?? assert.fail(), 3).source?.itemId, living[0]);
  };
  return { world, lose, check };
}

test('the answer is lost at every call that makes or defines a service: there is no second one, and it is whole', async (t) => {
  const { world, lose, check } = await newLoss(t);
  const isWrite = ({ method, path }: { method: string; path: string }) =>
    method === 'POST' && /\/content\/users\/keeper\/|\/rest\/admin\/services\//.test(path);
  for (let skip = 0; ; skip++) {
    const request = lose();
    const fault = world.portal.faults.add({ match: isWrite, skip, answer: 'lost' });
    const result = await world.restore(request);
    assert.equal(result.outcome, 'complete', `lost ${skip}: ${JSON.stringify(result)}`);
    await check(`lost ${skip}`);
    const { hits } = fault;
    fault.remove();
    if (hits === 0 && isLong) return assert.ok(skip > 8, `only ${skip} write calls`);
    if (!isLong && skip === 2) return assert.equal(hits, 1);
  }
});

for (const when of ['before', 'after'] as const)
  test(`a restore killed right ${when} it writes down that it makes a service goes on to the same end`, async (t) => {
    const { world, lose, check } = await newLoss(t);
    // The plan is the first, that the service is to be made the second, and that it was the third.
    for (let n = isLong ? 2 : 3; ; n++) {
      const request = lose();
      const store = dying(world.store, n, when);
      const killed = world.restores(store.through);
      const planned = await killed.plan(request);
      await killed.start(planned).catch((error: unknown) => assert.ok(error instanceof BackupError, String(error)));
      const result = await world.restores().resume(planned.restoreId);
      assert.equal(result.outcome, 'complete', `${when} ${n}: ${JSON.stringify(result)}`);
      await check(`${when} ${n}`);
      if (!isLong) return assert.ok(store.hasDied());
      if (!store.hasDied()) return assert.ok(n > 8, `only ${n} entries`);
    }
  });
