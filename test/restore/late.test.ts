import assert from 'node:assert/strict';
import { test } from 'node:test';
import { app } from '../../lib/app.ts';
import { Journal } from '../../lib/restore/journal/journal.ts';
import { restoreItems } from '../../lib/restore/run-restore.ts';
import { newWorld } from '../support/restore.ts';

test('an execution that comes after the end of a restore answers with that end, and writes nothing', async (t) => {
  const world = await newWorld(t);
  const { org, portal, store, clock } = world;
  org.addMember('ana');
  const { id } = org.addItem({ owner: 'ana', type: 'Web Map', title: 'Map', json: { layers: [] } }).record;
  await world.backup();
  const own = world.restores();
  const planned = await own.plan({ items: [id], mode: 'beside' });
  await own.begin(planned);
  const { restoreId: runId, started } = planned;
  const execute = () =>
    restoreItems(
      app().restoreDeps(runId, () => undefined),
      { runId, started },
    );
  const end = await execute();
  const state = async () => [
    (await Journal.open(store, clock, runId)).entries.length,
    portal.writesOf('keeper').length,
    org.items.size,
  ];
  const before = await state();
  assert.deepEqual(await execute(), end);
  assert.deepEqual([end, await state()], [{ outcome: 'complete' }, before]);
});
