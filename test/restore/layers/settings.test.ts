import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { BackupError } from '../../../lib/errors.ts';
import { Caller } from '../../portal/caller.ts';
import { dying } from '../../support/dying-store.ts';
import { imageOf, newWorld, type World } from '../../support/restore.ts';
import { addRoads, addView, fillRoads, layerOf, serviceImageOf } from '../../support/services.ts';

/** Every call and every entry in the long form; in the suite one of each. */
const isLong = process.env['LONG'] === '1';
const admin = (name: string) => `/arcgis/rest/admin/services/${name}/FeatureServer`;

/** What it is as an item, and as a service with its rows. */
async function both(world: World, id: string) {
  const image = { ...imageOf(world.org.item(id)), ...(await serviceImageOf(world, id)) };
  // In which reference a shape is written is said of all at once, and may be said of each.
  const bare = ({ spatialReference: _, ...shape }: Record<string, unknown>) => shape;
  const layers = image.layers.map(({ rows, ...layer }) => ({
    ...layer,
    rows: rows.map(([values, shape, files]) => [values, shape && bare(shape as Record<string, unknown>), files]),
  }));
  return { ...image, layers };
}

async function change({ portal }: World, path: string, verb: string, body: object): Promise<void> {
  const answer = await new Caller(portal, 'keeper').post(`${path}/${verb}`, { [verb]: JSON.stringify(body) });
  assert.deepEqual(answer, { success: true });
}

const open = {
  capabilities: 'Query,Create,Update,Delete,Editing,Sync,Extract',
  editorTrackingInfo: { enableEditorTracking: true, enableOwnershipAccessControl: false },
  maxRecordCount: 1500,
};
const closed = {
  capabilities: 'Query',
  editorTrackingInfo: { enableEditorTracking: false },
  serviceDescription: 'Oops',
  maxRecordCount: 10,
};
const dressed = {
  multiScaleGeometryInfo: { levels: [4, 8] },
  timeInfo: { startTimeField: 'kind' },
  defaultVisibility: true,
};
const bare = {
  multiScaleGeometryInfo: { levels: [] },
  timeInfo: {},
  defaultVisibility: false,
  templates: [],
  drawingInfo: { renderer: { type: 'none' } },
};

/** Roads as they were meant to be, with a version in the archive; `spoil` takes from them all that is no row. */
async function roads(t: TestContext) {
  const world = await newWorld(t);
  const id = await addRoads(world);
  await fillRoads(world);
  await change(world, admin('Roads'), 'updateDefinition', open);
  await change(world, `${admin('Roads')}/3`, 'updateDefinition', dressed);
  await world.backup();
  const at = (await world.restores().plan({ items: [id] })).plan.items[0]?.commit ?? '';
  const before = await both(world, id);
  const spoil = async () => {
    await change(world, admin('Roads'), 'updateDefinition', closed);
    await change(world, `${admin('Roads')}/3`, 'updateDefinition', bare);
    await change(world, `${admin('Roads')}/3`, 'deleteFromDefinition', { indexes: [{ name: 'by_street' }] });
    return both(world, id);
  };
  return { world, id, at, before, spoil };
}

test('who may do what, tracking, sync, time, templates, symbols and indexes of a living layer are what they were, and undone', async (t) => {
  const { world, id, before, spoil } = await roads(t);
  const spoiled = await spoil();
  const planned = await world.restores().plan({ items: [id] });
  const steps = planned.plan.items[0]?.steps.map(({ step, what }) => `${step} ${what}`).join('\n') ?? '';
  assert.match(steps, /settings .*capabilities \(.*: allows Create, Update, Delete, Editing, Sync, Extract again\)/);
  world.portal.log.clear();
  const result = await world.restore({ items: [id] });
  assert.deepEqual([result.outcome, result.items[0]?.outcome], ['complete', 'restored'], JSON.stringify(result));
  assert.deepEqual(await both(world, id), before);
  const ofRows = world.portal
    .writesOf('keeper')
    .filter((each) => /Roads.*(?:truncate|deleteFeatures|append|applyEdits)$/.test(each));
  assert.deepEqual(ofRows, [], 'no row was touched, for they are those of the version');
  const own = world.restores();
  const undone = await own.start(await own.planUndo(result.restoreId));
  assert.equal(undone.outcome, 'complete', JSON.stringify(undone));
  const after = await both(world, id);
  assert.equal(after.service['capabilities'], spoiled.service['capabilities']);
  assert.equal(after.service['serviceDescription'], 'Oops');
});

test('settings come back whatever answer is lost, and wherever the process is killed', async (t) => {
  const { world, id, at, before, spoil } = await roads(t);
  for (let n = isLong ? 0 : 2; ; n++) {
    await spoil();
    const match = ({ kind, who }: { kind: string; who: string | null }) => kind === 'write' && who === 'keeper';
    const fault = world.portal.faults.add({ match, skip: n, answer: 'lost' });
    const result = await world.restore({ items: [id], at });
    assert.equal(result.outcome, 'complete', `lost ${n}: ${JSON.stringify(result)}`);
    assert.deepEqual(await both(world, id), before, `lost ${n}`);
    const { hits } = fault;
    fault.remove();
    if (!isLong || hits === 0) break;
  }
  for (let n = isLong ? 2 : 4; ; n++) {
    await spoil();
    const store = dying(world.store, n);
    const killed = world.restores(store.through);
    const planned = await killed.plan({ items: [id], at });
    await killed.start(planned).catch((error: unknown) => assert.ok(error instanceof BackupError, String(error)));
    const result = await world.restores().resume(planned.restoreId);
    assert.equal(result.outcome, 'complete', `killed ${n}: ${JSON.stringify(result)}`);
    assert.deepEqual(await both(world, id), before, `killed ${n}`);
    if (!isLong || !store.hasDied()) break;
  }
});

test('a layer that a killed restore has left closed is open again after another one', async (t) => {
  const { world, id, at, before } = await roads(t);
  const roadsOf = () => layerOf(world.org.services.get('Roads') ?? assert.fail(), 3);
  roadsOf().rows.splice(0, 1);
  world.org.editRows(id, 3);
  const store = dying(world.store, 6);
  const killed = world.restores(store.through);
  await killed.start(await killed.plan({ items: [id], at })).catch(() => undefined);
  assert.ok(store.hasDied());
  assert.equal(world.org.item(id).service?.capabilities, 'Query', 'it was left closed');
  world.clock.advance(86_400_000);
  const result = await world.restore({ items: [id], at });
  assert.equal(result.outcome, 'complete', JSON.stringify(result));
  assert.deepEqual(await both(world, id), before);
});

test('while rows are loaded a layer is not optimised for drawing, and then it is as it was', async (t) => {
  const { world, id, before } = await roads(t);
  layerOf(world.org.services.get('Roads') ?? assert.fail(), 3).rows.splice(0, 1);
  world.org.editRows(id, 3);
  const seen: unknown[] = [];
  const levels = () =>
    layerOf(world.org.services.get('Roads') ?? assert.fail(), 3).definition?.['multiScaleGeometryInfo'];
  world.portal.faults.add({
    match: /3\/(?:applyEdits|append)$/,
    times: Infinity,
    answer: { after: () => seen.push(levels()) },
  });
  const result = await world.restore({ items: [id] });
  assert.equal(result.outcome, 'complete', JSON.stringify(result));
  assert.deepEqual([seen.length > 0, seen.every((each) => JSON.stringify(each) === '{"levels":[]}')], [true, true]);
  assert.deepEqual(await both(world, id), before);
});

test('a view that shows another service by now shows its own again, under its address, and the other when that is undone', async (t) => {
  const world = await newWorld(t);
  await addRoads(world);
  const view = await addView(world, 'Wide', 'Roads');
  await addRoads(world, 'Streets');
  await world.backup();
  const at = (await world.restores().plan({ items: [view] })).plan.items[0]?.commit ?? '';
  const before = await both(world, view);
  const swap = async () => {
    await change(world, admin('Wide'), 'deleteFromDefinition', { layers: [{ id: 3 }], tables: [] });
    const table = {
      name: 'Source',
      sourceServiceName: 'Streets',
      sourceLayerId: 3,
      sourceLayerFields: [{ name: 'lanes' }],
    };
    const viewLayerDefinition = { sourceServiceName: 'Streets', sourceLayerId: 3, table };
    const layer = { id: 3, name: 'Wide roads', type: 'Feature Layer', adminLayerInfo: { viewLayerDefinition } };
    await change(world, admin('Wide'), 'addToDefinition', { layers: [layer], tables: [] });
    return both(world, view);
  };
  const swapped = await swap();
  const refused = { error: { code: 400, message: 'Not today.' } };
  world.portal.faults.add({ match: /Wide\/FeatureServer\/addToDefinition$/, answer: refused });
  const failed = await world.restore({ items: [view], at });
  assert.equal(failed.items[0]?.code, 'RESTORE_REFUSED', JSON.stringify(failed));
  assert.deepEqual((await both(world, view)).sources, swapped.sources, 'it is not left without layers');
  const result = await world.restore({ items: [view], at });
  assert.deepEqual([result.outcome, result.items[0]?.outcome], ['complete', 'restored'], JSON.stringify(result));
  assert.deepEqual(await both(world, view), before);
  const own = world.restores();
  const undone = await own.start(await own.planUndo(result.restoreId));
  assert.equal(undone.outcome, 'complete', JSON.stringify(undone));
  assert.deepEqual((await both(world, view)).sources, swapped.sources);
});
