import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { layersOf, rowsImage } from '../../support/layers.ts';
import { newWorld } from '../../support/restore.ts';

/** Trees with global ids, their version in a file geodatabase, of a portal whose copies have new ones. */
async function trees(t: TestContext) {
  const world = await newWorld(t, { writing: { appendGlobalIds: 'new' } });
  world.org.addMember('ana');
  const item = world.org.addService({ owner: 'ana', title: 'Trees', layers: ['Trees'], rows: 5, defined: true });
  await world.backup();
  const [layer] = layersOf(item);
  const { id } = item.record;
  const spoil = (first: number, count: number) => {
    layer.rows.splice(first, count);
    world.org.editRows(id, 0);
    return rowsImage(item);
  };
  const at = (await world.restores().plan({ items: [id] })).plan.items[0]?.commit ?? '';
  return { world, item, layer, id, at, spoil };
}

test('rows that nobody could tell from those of the copy are not added a second time, nor changed', async (t) => {
  const { world, item, id, at, spoil } = await trees(t);
  const spoiled = spoil(0, 2);
  const items = [...world.org.items.keys()];
  for (const rows of ['missing', 'changed'] as const) {
    const result = await world.restore({ items: [id], rows, at });
    assert.deepEqual([result.outcome, result.items[0]?.code], ['failed', 'RESTORE_IDS'], JSON.stringify(result));
    assert.match(
      result.items[0]?.message ?? '',
      /Trees.* of 5 rows .* none has the global id of a row that is there now/,
    );
    assert.deepEqual(rowsImage(item), spoiled);
    assert.deepEqual([...world.org.items.keys()], items, 'nothing temporary stays');
  }
});

test('all rows of such a copy go back, and the end says that their ids may be others', async (t) => {
  const { world, item, id, spoil } = await trees(t);
  const withoutIds = () =>
    rowsImage(item).map(({ rows }) => rows.map(({ values: { GlobalID: _, ...values } = {} }) => values));
  const before = withoutIds();
  spoil(0, 2);
  const result = await world.restore({ items: [id] });
  const [restored] = result.items;
  assert.deepEqual([result.outcome, restored?.outcome], ['complete', 'equivalent'], JSON.stringify(result));
  assert.match(restored?.differences[0]?.what ?? '', /^Trees: none of the rows .* had a global id of the version's/);
  assert.deepEqual(withoutIds().flat().map(String).sort(), before.flat().map(String).sort());
});

test('an empty layer gets all rows of such a copy, each once', async (t) => {
  const { world, layer, id, spoil } = await trees(t);
  spoil(0, 5);
  const result = await world.restore({ items: [id], rows: 'missing' });
  assert.equal(result.outcome, 'complete', JSON.stringify(result));
  assert.equal(layer.rows.length, 5);
});
