import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TableCounter } from '../../../../lib/run/save/export/export-tables.ts';
import { proveZip } from '../../../../lib/run/save/prove-zip.ts';
import { fixture } from '../../../support/portal/content.ts';
import { geodatabase, tablesOf } from '../../../support/portal/geodatabase.ts';
import type { Layer } from '../../../support/portal/words.ts';
import { zipOf } from '../../../support/portal/zip.ts';

async function countsOf(zip: Buffer) {
  const counter = new TableCounter();
  assert.equal(typeof (await proveZip(zip, () => counter.listen())), 'object');
  return counter.tables();
}

const layer = (name: string, rows: number): Layer => ({
  id: 0,
  name,
  type: 'Table',
  editingInfo: null,
  rows: Array.from({ length: rows }, (_, n) => ({
    id: n + 1,
    name: n === 1 ? null : `row ${n}`,
    day: n,
    attachments: [],
  })),
});

test('the tables of a geodatabase that GDAL wrote are counted by their names', async () => {
  const { tables } = await countsOf(fixture('parcels.gdb.zip').bytes());
  assert.deepEqual(tables, [
    { name: 'Parcels', rows: 40 },
    { name: 'Hydrants', rows: 40 },
    { name: 'Inspections', rows: 30 },
  ]);
});

test('a catalog of hundreds of tables is read, also without its offsets', async () => {
  const all = Array.from({ length: 1500 }, (_, n) => layer(`Straße ${n}`, n % 3));
  const files = geodatabase(all.flatMap(tablesOf));
  for (const some of [files, files.filter(([path]) => !path.endsWith('x'))]) {
    const picked = some.filter(([path]) => /a0000(0001|0009|05df|05e4)\.gdbtablx?e?$/.test(path));
    assert.deepEqual((await countsOf(zipOf(picked))).tables, [
      { name: 'Straße_0', rows: 0 },
      { name: 'Straße_1494', rows: 0 },
      { name: 'Straße_1499', rows: 2 },
    ]);
  }
});

test('a catalog that is damaged, cut or missing names nothing, and the tables are counted all the same', async () => {
  const files = geodatabase(tablesOf(layer('A', 7)));
  const isCatalog = (path: string) => path.endsWith('a00000001.gdbtable');
  const spoil = (change: (bytes: Buffer) => Buffer) =>
    files.map(([path, bytes]): [string, Buffer] => [path, isCatalog(path) ? change(bytes) : bytes]);
  for (const spoiled of [
    spoil((bytes) => bytes.subarray(0, -30)),
    spoil((bytes) => bytes.subarray(0, 50)),
    spoil(() => Buffer.alloc(0)),
    spoil((bytes) => Buffer.concat([bytes.subarray(0, 60), Buffer.alloc(bytes.length - 60, 255)])),
    files.filter(([path]) => !isCatalog(path)),
  ]) {
    const { tables } = await countsOf(zipOf(spoiled));
    assert.deepEqual(tables.at(-1), { name: null, rows: 7 });
  }
});

test('tables of attachments are counted apart', async () => {
  const held = layer('Trees', 2);
  held.rows[0]?.attachments.push({ id: 1, name: 'a.jpg', content: fixture('logo.png') });
  const { tables, attachments } = await countsOf(zipOf(geodatabase(tablesOf(held))));
  assert.deepEqual([tables, [...attachments]], [[{ name: 'Trees', rows: 2 }], [['Trees', 1]]]);
});
