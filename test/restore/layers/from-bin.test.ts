import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addParcels, layersOf, rowsImage } from '../../support/layers.ts';
import { newWorld } from '../../support/restore.ts';

for (const [name, keeps, isSpoiled, ends] of [
  ['has its rows', false, false, 'restored'],
  ['has lost rows', true, true, 'restored'],
  ['has lost rows, and whose others would lose the ids by which tables know them', false, true, 'failed'],
] as const)
  test(`a layer that comes out of the bin and ${name} ends ${ends}, and no row loses its ids for nothing`, async (t) => {
    const world = await newWorld(t, { rules: { refuse: { code: 400, message: 'No.' } } });
    const item = addParcels(world.org, { rows: 5 });
    const [parcels] = layersOf(item);
    for (const { definition } of layersOf(item))
      if (!keeps) Object.assign(definition ?? {}, { supportsApplyEditsWithGlobalIds: false });
    await world.backup();
    const version = rowsImage(item);
    const ids = parcels.rows.map(({ id }) => id);
    if (isSpoiled) parcels.rows.splice(2, 2);
    const spoiled = rowsImage(item);
    item.recycled = true;
    const { items } = await world.restore({ items: [item.record.id] });
    assert.deepEqual(
      items.map(({ outcome, code }) => [outcome, code]),
      [[ends, ends === 'failed' ? 'RESTORE_ROWS' : null]],
    );
    assert.equal(item.recycled, false);
    assert.deepEqual(rowsImage(item), ends === 'failed' ? spoiled : version);
    if (!isSpoiled)
      assert.deepEqual(
        parcels.rows.map(({ id }) => id),
        ids,
      );
  });
