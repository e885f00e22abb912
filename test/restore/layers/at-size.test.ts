import assert from 'node:assert/strict';
import { test } from 'node:test';
import { layersOf } from '../../support/layers.ts';
import { newWorld } from '../../support/restore.ts';
import type { Row } from '../../support/portal/words.ts';

/** Rows, those that were deleted by mistake, and those that honest people edited; in the suite a small form of it. */
const [count, deleted, edited] = process.env['LONG'] === '1' ? [10_000, 214, 300] : [500, 21, 30];

test(`a wrong delete of ${deleted} of ${count} rows and a wrong calculation come back exactly, and ${edited} honest edits stay`, async (t) => {
  const world = await newWorld(t);
  const { org } = world;
  org.addMember('ana');
  const item = org.addService({ owner: 'ana', title: 'Trees', layers: ['Trees'], rows: count, defined: true });
  const [layer] = layersOf(item);
  const { id } = item.record;
  const { definition = assert.fail() } = layer;
  definition['maxRecordCount'] = 2000;
  definition.fields.push({ name: 'ZONE', type: 'esriFieldTypeString', length: 20 });
  for (const row of layer.rows) row.values = { ...row.values, ZONE: `zone ${row.id % 7}` };
  await world.backup();
  const at = (await world.restores().plan({ items: [id] })).plan.items[0]?.commit ?? '';
  const image = () => new Map(layer.rows.map((row) => [row.values?.['GlobalID'], row.values]));
  const before = image();
  const isGone = ({ id: number }: Row) =>
    number % Math.floor(count / deleted) === 3 && number / (count / deleted) < deleted;
  const gone = layer.rows.filter(isGone).slice(0, deleted);
  assert.equal(gone.length, deleted);
  layer.rows = layer.rows.filter((row) => !gone.includes(row));
  for (const row of layer.rows) row.values = { ...row.values, ZONE: 'oops' };
  const honest = layer.rows.slice(50, 50 + edited);
  for (const row of honest) row.values = { ...row.values, NAME: `seen by Ben, tree ${row.id}` };
  org.editRows(id, 0);

  const missing = await world.restore({ items: [id], at, rows: 'missing' });
  assert.equal(missing.outcome, 'complete', JSON.stringify(missing));
  assert.equal(layer.rows.length, count);
  const returned = new Set(gone.map(({ values }) => values?.['GlobalID']));
  for (const { values } of layer.rows)
    if (returned.has(values?.['GlobalID'])) assert.deepEqual(values, before.get(values?.['GlobalID']));
  assert.equal(layer.rows.filter(({ values }) => values?.['ZONE'] === 'oops').length, count - deleted);

  const changed = await world.restore({ items: [id], at, rows: 'changed', fields: ['zone'] });
  assert.equal(changed.outcome, 'complete', JSON.stringify(changed));
  const wanted = new Map(before);
  for (const { id: number, values } of honest)
    wanted.set(values?.['GlobalID'], { ...before.get(values?.['GlobalID']), NAME: `seen by Ben, tree ${number}` });
  assert.deepEqual(image(), wanted);
});
