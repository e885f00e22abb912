import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allUnfinished } from '../../../lib/archive/layout.ts';
import type { LayerRows } from '../../../lib/arcgis/layers/features.ts';
import type { Deps } from '../../../lib/run/deps.ts';
import { withRoom } from '../../../lib/run/save/stage-part.ts';
import { takeRows } from '../../../lib/run/save/take-rows.ts';
import { Unfinished } from '../../../lib/run/save/unfinished.ts';
import { MemoryStore } from '../../../lib/storage/memory.ts';
import { VirtualClock } from '../../support/clock.ts';

const count = 100_001;

/** Very many rows whose ids do not come with them, as is seen at the first page only. */
function inOrder() {
  let rows = 0;
  const layer = { counted: () => ({ rows, lastRow: null, isInOrder: true }), resume: () => undefined };
  const from = async function* () {
    rows = count;
    yield await Promise.resolve(Buffer.from('rows\n'));
    yield Buffer.from('end\n');
  };
  const file = { path: 'features/0 A.geojson', open: () => assert.fail(), seal: '1', rows: { count, from } };
  return { layer: layer as unknown as LayerRows, file: { ...file, isBeside: false } };
}

test('nothing of very many rows without ids stays in the store once their item is staged', async () => {
  const clock = new VirtualClock();
  const store = new MemoryStore({ clock });
  const rules = { lfsThreshold: 1000 };
  const deps = withRoom({ store, clock, rules, random: () => 'a'.repeat(40) } as unknown as Deps);
  const unfinished = new Unfinished(deps, 'b'.repeat(32), '1');
  const { layer, file } = inOrder();
  const { bytes } = await takeRows(deps, unfinished, layer, file);
  assert.equal(bytes.toString(), 'rows\nend\n');
  await unfinished.end();
  assert.deepEqual(await Array.fromAsync(store.list(allUnfinished)), []);
});
