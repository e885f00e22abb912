import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { app } from '../../../lib/app.ts';
import { Journal } from '../../../lib/restore/journal/journal.ts';
import { restoreItems, type RestoreInput } from '../../../lib/restore/run-restore.ts';
import type { RestoreRequest } from '../../../lib/api/restores.ts';
import { addParcels, layersOf, rowsImage } from '../../support/layers.ts';
import type { Fault } from '../../support/portal/faults.ts';
import type { PortalOptions } from '../../support/portal/portal.ts';
import type { WriteRules } from '../../support/portal/write-rules.ts';
import { dying } from '../../support/dying-store.ts';
import { newWorld, type World } from '../../support/restore.ts';

/** Every entry in the long form; in the suite one. */
const isLong = process.env['LONG'] === '1';

/** Rows take long: every question to a service, and every look at what is made, takes a good deal of the time that a part has. */
function slow({ portal }: World): void {
  const match = ({ path }: { path: string }) => /FeatureServer\/\d+\/|\/jobs\/|\/status$/.test(path);
  portal.faults.add({ match, times: Infinity, answer: { delay: 40_000 } });
}

/**
 * Does a restore part by part, each in a process of its own; in how many the rows were, and the longest (ms).
 * @param killed entry of the journal behind which the process that writes it is killed
 */
async function inParts(world: World, request: RestoreRequest, killed = Infinity) {
  const own = world.restores();
  const restore = await own.plan(request);
  await own.begin(restore);
  const { restoreId: runId, started } = restore;
  const store = dying(world.store, killed);
  let [all, longest] = [0, 0];
  let from: RestoreInput['from'];
  for (;;) {
    all += 1;
    assert.ok(all < 400, 'it goes on for ever');
    world.restores(store.hasDied() ? world.store : store.through);
    const begun = world.clock.now();
    const end = await restoreItems(
      app().restoreDeps(runId, () => undefined),
      {
        ...{ runId, started },
        ...(from && { from }),
      },
    ).catch((error: unknown) => assert.ok(store.hasDied(), String(error)));
    longest = Math.max(longest, world.clock.now() - begun);
    if (end && 'outcome' in end) {
      const { entries } = await Journal.open(world.store, world.clock, runId);
      const parts = entries.filter((entry) => entry.kind === 'started' && entry.step === 'rows').length;
      return { outcome: end.outcome, parts, longest, hasDied: store.hasDied() };
    }
    if (end) from = end.goesOn;
  }
}

/** Parcels that were backed up, and of which two rows were deleted since. */
async function spoiled(t: TestContext, options: PortalOptions, rows = 8, trouble?: Fault) {
  const world = await newWorld(t, options);
  const item = addParcels(world.org, { rows });
  await world.backup();
  const [before, ids] = [rowsImage(item), [...world.org.items.keys()]];
  layersOf(item)[0].rows.splice(0, 2);
  world.org.editRows(item.record.id, 0);
  if (trouble !== undefined) world.portal.faults.add(trouble);
  slow(world);
  return { world, item, before, ids };
}

const byPieces: Partial<WriteRules> = { appendEnds: 'failed' };
const byRows: PortalOptions = { rules: { refuse: { code: 400, message: 'No.' } } };

for (const [what, options, rows, form] of [
  ['from documents', byRows, 'all'],
  ['one by one from a copy', { writing: { publishPolls: 12 } }, 'missing'],
  ['piece by piece from a copy', { writing: byPieces }, 'all', 'long'],
  ['at once from a copy', {}, 'all', 'long'],
  ['one by one from documents', byRows, 'missing', 'long'],
] as [string, PortalOptions, 'all' | 'missing', 'long'?][]) {
  if (form === 'long' && !isLong) continue;
  test(`rows that go back ${what} take many parts, none of them an hour`, async (t) => {
    const { world, item, before, ids } = await spoiled(t, options);
    const { outcome, parts, longest } = await inParts(world, { items: [item.record.id], rows });
    assert.equal(outcome, 'complete');
    assert.deepEqual(rowsImage(item), before);
    assert.deepEqual([...world.org.items.keys()], ids, 'nothing temporary stays');
    assert.match(item.service?.capabilities ?? '', /Editing/, 'and it is open to edits');
    assert.ok(parts > 3 && longest < 60 * 60_000, `${parts} parts, the longest ${longest / 60_000} minutes`);
  });
}

for (const [what, options, rows, sample] of [
  ['piece by piece from a copy', { writing: byPieces }, 'all', 20],
  ['at once from a copy', {}, 'all', 14],
  ['one by one from documents', byRows, 'missing', 6],
] as const)
  test(`killed in any part while rows go back ${what}, it goes on to the same end`, async (t) => {
    for (let n = isLong ? 2 : sample; ; n++) {
      const { world, item, before, ids } = await spoiled(t, options, 5);
      const { outcome, hasDied } = await inParts(world, { items: [item.record.id], rows }, n);
      assert.equal(outcome, 'complete', `killed ${n}`);
      assert.deepEqual(rowsImage(item), before, `killed ${n}`);
      assert.deepEqual([...world.org.items.keys()], ids, `killed ${n}`);
      assert.match(item.service?.capabilities ?? '', /Editing/, `killed ${n}`);
      if (!isLong) return assert.ok(hasDied);
      if (!hasDied) return assert.ok(n > sample, `only ${n} entries`);
    }
  });

test('a layer that is gone is made and filled in many parts', async (t) => {
  const { world, item, before } = await spoiled(t, { writing: { ...byPieces, bin: 'off' } });
  world.org.deleteItem(item.record.id);
  const { outcome, parts } = await inParts(world, { items: [item.record.id] });
  assert.deepEqual([outcome, parts > 3], ['complete', true]);
  const [made] = world.org.items.values();
  assert.deepEqual([world.org.items.size, made && rowsImage(made)], [1, before]);
});

test('what was there before comes back in many parts as well, when the portal refuses in the middle', async (t) => {
  const answer = { error: { code: 400, message: 'No more.' } };
  const { world, item, ids } = await spoiled(t, { writing: byPieces }, 8, { match: /applyEdits$/, skip: 2, answer });
  const spoiledRows = rowsImage(item);
  const { outcome, parts } = await inParts(world, { items: [item.record.id] });
  assert.deepEqual([outcome, parts > 3], ['failed', true]);
  assert.deepEqual(rowsImage(item), spoiledRows);
  assert.deepEqual([...world.org.items.keys()], ids, 'nothing temporary stays');
  assert.match(item.service?.capabilities ?? '', /Editing/, 'and it is open to edits');
});
