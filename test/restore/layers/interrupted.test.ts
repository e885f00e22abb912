import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { BackupError } from '../../../lib/errors.ts';
import { dying } from '../../support/dying-store.ts';
import { addParcels, layersOf, rowsImage } from '../../support/layers.ts';
import type { PortalOptions } from '../../support/portal/portal.ts';
import { trackEdits } from '../../support/portal/routes/write/services/tracking.ts';
import { newWorld } from '../../support/restore.ts';

/** Every call and every entry in the long form; in the suite one of each. */
const isLong = process.env['LONG'] === '1';
const byRows: PortalOptions = { rules: { refuse: { code: 400, message: 'No.' } } };

/** A layer with a version in the archive; `spoil` deletes two of its rows. */
async function withVersion(t: TestContext, options: PortalOptions = {}) {
  const world = await newWorld(t, options);
  const item = addParcels(world.org, { rows: 5 });
  await world.backup();
  const { id } = item.record;
  const at = (await world.restores().plan({ items: [id] })).plan.items[0]?.commit ?? '';
  const [before, ids] = [rowsImage(item), [...world.org.items.keys()]];
  const spoil = () => {
    layersOf(item)[0].rows.splice(0, 2);
    world.org.editRows(id, 0);
    return { items: [id], at };
  };
  /** Is the layer what it was, open, and nothing temporary left? */
  const check = (about: string) => {
    assert.deepEqual(rowsImage(item), before, about);
    assert.deepEqual([...world.org.items.keys()], ids, about);
    assert.match(item.service?.capabilities ?? '', /Editing/, about);
  };
  return { world, item, spoil, check };
}

for (const [what, options, sample] of [
  ['documents', byRows, 4],
  ['a file geodatabase', {}, 1],
] as const) {
  test(`the answer is lost at every write while rows go back from ${what}: the end is the same`, async (t) => {
    const { world, spoil, check } = await withVersion(t, options);
    for (let skip = isLong ? 0 : sample; ; skip++) {
      const request = spoil();
      const match = ({ kind, who }: { kind: string; who: string | null }) => kind === 'write' && who === 'keeper';
      const fault = world.portal.faults.add({ match, skip, answer: 'lost' });
      const result = await world.restore(request);
      assert.equal(result.outcome, 'complete', `lost ${skip}: ${JSON.stringify(result)}`);
      check(`lost ${skip}`);
      const { hits } = fault;
      fault.remove();
      if (!isLong) return assert.equal(hits, 1);
      if (hits === 0) return assert.ok(skip > 10, `only ${skip} writes`);
    }
  });

  for (const rows of ['all', 'missing'] as const)
    test(`killed at any entry of the journal while ${rows} rows go back from ${what}, it goes on to the same end`, async (t) => {
      const { world, spoil, check } = await withVersion(t, options);
      for (let n = isLong ? 2 : 7; ; n++) {
        const request = { ...spoil(), rows };
        const store = dying(world.store, n);
        const killed = world.restores(store.through);
        const planned = await killed.plan(request);
        await killed.start(planned).catch((error: unknown) => assert.ok(error instanceof BackupError, String(error)));
        const result = await world.restores().resume(planned.restoreId);
        assert.equal(result.outcome, 'complete', `killed ${n}: ${JSON.stringify(result)}`);
        check(`killed ${n}`);
        if (!isLong) return assert.ok(store.hasDied());
        if (!store.hasDied()) return assert.ok(n > 8, `only ${n} entries`);
      }
    });
}

for (const [what, options, sample] of [
  ['documents', byRows, 5],
  ['a file geodatabase', {}, 5],
] as const)
  test(`killed while rows go back from ${what} and taken back at once, the layer is what it was, open, and alone`, async (t) => {
    const { world, item, spoil } = await withVersion(t, options);
    const ids = [...world.org.items.keys()];
    for (let n = isLong ? 2 : sample; ; n++) {
      const request = spoil();
      const spoiled = rowsImage(item);
      const store = dying(world.store, n);
      const killed = world.restores(store.through);
      const planned = await killed.plan(request);
      await killed.start(planned).catch((error: unknown) => assert.ok(error instanceof BackupError, String(error)));
      const own = world.restores();
      const undo = await own.planUndo(planned.restoreId).catch((error: unknown) => {
        assert.ok(error instanceof BackupError && error.code === 'RESTORE_NOTHING', String(error));
      });
      if (undo) {
        const result = await own.start(undo);
        assert.equal(result.outcome, 'complete', `killed ${n}: ${JSON.stringify(result)}`);
      }
      assert.deepEqual(rowsImage(item), spoiled, `killed ${n}`);
      assert.deepEqual([...world.org.items.keys()], ids, `killed ${n}`);
      assert.match(item.service?.capabilities ?? '', /Editing/, `killed ${n}`);
      if (!isLong) return assert.ok(store.hasDied());
      if (!store.hasDied()) return assert.ok(n > 8, `only ${n} entries`);
      const { outcome } = await world.restore(request);
      assert.equal(outcome, 'complete');
    }
  });

test('what fails after a layer was emptied gives back the rows that were there, and opens it again', async (t) => {
  const { world, item, spoil } = await withVersion(t, byRows);
  const request = spoil();
  const spoiled = rowsImage(item);
  const refused = { error: { code: 400, message: 'No more.' } };
  world.portal.faults.add({ match: /applyEdits$/, skip: 1, answer: refused });
  const result = await world.restore(request);
  assert.equal(result.items[0]?.code, 'RESTORE_REFUSED', JSON.stringify(result));
  assert.match(result.items[0].message ?? '', /What was there before was loaded back/);
  assert.deepEqual(rowsImage(item), spoiled);
  assert.match(item.service?.capabilities ?? '', /Editing/);
});

test('a copy whose rows have other global ids than those that point to them is not loaded', async (t) => {
  const { world, item, spoil } = await withVersion(t, { writing: { appendGlobalIds: 'new' } });
  const request = spoil();
  const spoiled = rowsImage(item);
  const result = await world.restore(request);
  assert.equal(result.items[0]?.code, 'RESTORE_COPY', JSON.stringify(result));
  assert.deepEqual(rowsImage(item), spoiled);
});

test('who edited a row, and when, comes back as it was; tracking is on again', async (t) => {
  const world = await newWorld(t, byRows);
  const item = addParcels(world.org, { rows: 4 });
  const service = item.service ?? assert.fail();
  service.definition = { ...service.definition, editorTrackingInfo: { enableEditorTracking: true } };
  for (const layer of layersOf(item)) {
    trackEdits(service, layer);
    for (const row of layer.rows)
      row.values = { ...row.values, CreationDate: 5, Creator: 'ana', EditDate: 6, Editor: 'ben' };
  }
  await world.backup();
  const before = rowsImage(item);
  layersOf(item)[0].rows.splice(0, 2);
  world.org.editRows(item.record.id, 0);
  const result = await world.restore({ items: [item.record.id] });
  assert.equal(result.items[0]?.outcome, 'restored', JSON.stringify(result));
  assert.deepEqual(rowsImage(item), before);
  assert.deepEqual(service.definition['editorTrackingInfo'], { enableEditorTracking: true });
});
