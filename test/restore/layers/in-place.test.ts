import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addParcels, layersOf, rowsImage } from '../../support/layers.ts';
import { newWorld, type World } from '../../support/restore.ts';
import type { PortalItem } from '../../support/portal/words.ts';

/** A wrong delete, a wrong calculation, and somebody's new row. */
function spoil({ org }: World, item: PortalItem): void {
  const [parcels, inspections] = layersOf(item);
  parcels.rows.splice(1, 2);
  for (const row of parcels.rows) row.values = { ...row.values, NAME: 'oops' };
  inspections.rows.length = 0;
  for (const { id } of [parcels, inspections]) org.editRows(item.record.id, id);
}

const kept = (item: PortalItem) => [item.service?.capabilities, item.service?.definition?.['editorTrackingInfo']];

for (const [how, rules] of [
  ['read row by row', { refuse: { code: 400, message: 'No.' } }],
  ['in a file geodatabase', {}],
] as const)
  test(`a spoiled layer is what it was, its version ${how}`, async (t) => {
    const world = await newWorld(t, { rules });
    const item = addParcels(world.org);
    await world.backup();
    const [before, settings] = [rowsImage(item), kept(item)];
    spoil(world, item);
    const spoiled = rowsImage(item);
    const ids = [...world.org.items.keys()];
    const result = await world.restore({ items: [item.record.id] });
    assert.deepEqual([result.outcome, result.items[0]?.outcome], ['complete', 'restored'], JSON.stringify(result));
    assert.deepEqual(rowsImage(item), before);
    assert.deepEqual([...world.org.items.keys()], ids, 'temporary items are gone');
    assert.deepEqual(kept(item), settings);
    const own = world.restores();
    const undone = await own.start(await own.planUndo(result.restoreId));
    assert.equal(undone.outcome, 'complete', JSON.stringify(undone));
    assert.deepEqual(rowsImage(item), spoiled);
  });
