import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addParcels, layersOf, rowsImage } from '../../support/layers.ts';
import { newWorld } from '../../support/restore.ts';

test('a wrong delete and a wrong calculation are mended, and what honest people did since stays', async (t) => {
  const world = await newWorld(t, { rules: { refuse: { code: 400, message: 'No.' } } });
  const { org } = world;
  const item = addParcels(org, { rows: 9 });
  const [parcels] = layersOf(item);
  parcels.definition?.fields.push({ name: 'zone', type: 'esriFieldTypeString', length: 20 });
  for (const row of parcels.rows) row.values = { ...row.values, zone: 'A' };
  await world.backup();
  const version = rowsImage(item)[0]?.rows ?? [];
  const files = parcels.rows[0]?.attachments.map(({ content }) => content.sha256());
  const [gone] = parcels.rows.splice(0, 1);
  const id = gone?.values?.['GlobalID'];
  // Somebody's honest edit, and the wrong calculation.
  for (const row of parcels.rows) row.values = { ...row.values, zone: 'oops' };
  const [edited] = parcels.rows;
  if (edited) edited.values = { ...edited.values, NAME: 'an honest name' };
  org.editRows(item.record.id, 0);
  const spoiled = rowsImage(item);
  const planned = await world.restores().plan({ items: [item.record.id], rows: 'missing' });
  const [layer] = planned.plan.items[0]?.layers ?? [];
  assert.deepEqual([layer?.then, layer?.now, layer?.missing, layer?.changed], [9, 8, 1, 8]);
  const { requests, bytes } = planned.plan.needs;
  assert.ok(requests > (planned.plan.items[0]?.steps.length ?? 0) && bytes > 0, `${requests}, ${bytes}`);
  assert.equal(
    planned.plan.items[0]?.steps.every(({ danger }) => danger < 3),
    true,
  );
  const missing = await world.restore({ items: [item.record.id], rows: 'missing' });
  assert.equal(missing.outcome, 'complete', JSON.stringify(missing));
  const back = parcels.rows.find(({ values }) => values?.['GlobalID'] === id);
  assert.deepEqual(
    back?.attachments.map(({ content }) => content.sha256()),
    files,
  );
  assert.equal(parcels.rows.filter(({ values }) => values?.['zone'] === 'oops').length, 8);
  const changed = await world.restore({
    items: [item.record.id],
    rows: 'changed',
    fields: ['zone'],
  });
  assert.equal(changed.outcome, 'complete', JSON.stringify(changed));
  assert.ok(parcels.rows.every(({ values }) => values?.['zone'] === 'A'));
  assert.equal(parcels.rows.filter(({ values }) => values?.['NAME'] === 'an honest name').length, 1);
  assert.equal(parcels.rows.length, version.length);
  const own = world.restores();
  const undo = await own.planUndo(missing.restoreId);
  assert.ok(undo.plan.items.every(({ steps }) => steps.every(({ danger }) => danger < 3)));
  const undone = await own.start(undo);
  assert.equal(undone.outcome, 'complete', JSON.stringify(undone));
  assert.deepEqual(rowsImage(item), spoiled);
});

test('rows come back, once and in their place, where ids are compared as text and the service knows no GeoJSON', async (t) => {
  const world = await newWorld(t, { rules: { refuse: { code: 400, message: 'No.' } } });
  const item = addParcels(world.org, { rows: 6 });
  for (const layer of layersOf(item)) {
    layer.comparesText = true;
    layer.shape = { ignoresFormat: true };
    for (const [n, row] of layer.rows.entries()) {
      const spell = (id: unknown) => String(id).replace(/[{}]/g, '')[n === 4 ? 'toUpperCase' : 'toLowerCase']();
      for (const name of ['GlobalID', 'parcel'])
        if (row.values?.[name] !== undefined) row.values = { ...row.values, [name]: spell(row.values[name]) };
    }
  }
  await world.backup();
  const version = rowsImage(item);
  const [parcels] = layersOf(item);
  parcels.rows.splice(1, 2);
  world.org.editRows(item.record.id, 0);
  const { plan } = await world.restores().plan({ items: [item.record.id], rows: 'missing' });
  assert.deepEqual(
    plan.items[0]?.layers?.map(({ missing, changed, added }) => [missing, changed, added]),
    [
      [2, 0, 0],
      [0, 0, 0],
    ],
  );
  const result = await world.restore({ items: [item.record.id], rows: 'missing' });
  assert.equal(result.outcome, 'complete', JSON.stringify(result));
  assert.deepEqual(rowsImage(item), version);
});
