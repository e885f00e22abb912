import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findByIds } from '../../../lib/restore/layers/rows/files.ts';
import type { SourceFile, SourceLayer } from '../../../lib/restore/layers/rows/source.ts';
import { addParcels, layersOf } from '../../support/layers.ts';
import { portalPair } from '../../support/open-portal.ts';

test('rows are read once for all files that do not tell theirs, and not at all where each does', async (t) => {
  const { sim, portal } = await portalPair(t);
  const item = addParcels(sim.org, { owner: sim.org.admin.username });
  const living = (await portal.item(item.record.id)) ?? assert.fail();
  const [table] = (await portal.hosted(living)).tables;
  assert.ok(table);
  let reads = 0;
  const pages = async function* () {
    reads += 1;
    for await (const { rows } of table.pages('esri'))
      yield rows.map((row) => ({ ...row, objectId: row.objectId + 50 }));
  };
  const { info, traits } = table;
  const written = () => ({ form: 'esri' as const, spatialReference: null });
  const files = () => assert.fail('nobody asks the version');
  const layer: SourceLayer = { id: 0, name: 'Parcels', info, traits, written, count: 7, pages, files };
  const file = (row: number, globalId?: string): SourceFile => ({
    ...{ row: row + 50, globalId, name: 'a', size: 1, contentType: undefined, keywords: '' },
    open: () => Promise.resolve(Buffer.alloc(1)),
  });
  const find = findByIds(table, layer);
  const told = String(layersOf(item)[0].rows[0]?.values?.['GlobalID']).replace(/[{}]/g, '').toLowerCase();
  assert.deepEqual([...(await find([file(1, told)]))], [[51, 1]]);
  assert.equal(reads, 0);
  for (const row of [1, 2, 3]) assert.deepEqual([...(await find([file(row)]))], [[row + 50, row]]);
  assert.equal(reads, 1);
});
