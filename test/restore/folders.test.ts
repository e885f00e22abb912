import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { BackupError } from '../../lib/errors.ts';
import { imageOf, newWorld } from '../support/restore.ts';
import { dying } from '../support/stores/dying.ts';

/** Every call and every entry in the long form. */
const isLong = process.env['LONG'] === '1';

/** A map and an app in a folder that is gone with the app; the map lives outside of it, and both name the folder. */
async function newLoss(t: TestContext) {
  const world = await newWorld(t);
  const { org, portal } = world;
  portal.writing.bin = 'off';
  org.addMember('ana');
  org.addFolder('ana', 'Other');
  const folder = org.addFolder('ana', 'Maps').id;
  const add = (type: string, title: string) =>
    org.addItem({ owner: 'ana', folder, type, title, json: { folderId: folder } }).record.id;
  const [map, app] = [add('Web Map', 'Map'), add('Web Mapping Application', 'App')];
  await world.backup();
  const at = (await world.restores().plan({ items: [map] })).plan.items[0]?.commit ?? '';
  const foldersOf = () => (org.folders.get('ana') ?? []).map(({ title }) => title);
  let living = app;
  const lose = () => {
    if (org.items.has(living)) org.deleteItem(living);
    org.moveItem(map, null);
    const others = (org.folders.get('ana') ?? []).filter(({ title }) => title !== 'Maps');
    org.folders.set('ana', others);
    return { items: [map, app], at };
  };
  const check = (about: string) => {
    assert.deepEqual(foldersOf(), ['Other', 'Maps'], about);
    const id = org.folders.get('ana')?.[1]?.id ?? '';
    living = [...org.items.keys()].find((each) => each !== map) ?? '';
    for (const each of [map, living]) {
      const { record, data } = org.item(each);
      assert.deepEqual([record.ownerFolder, data?.bytes().toString()], [id, `{"folderId":"${id}"}`], about);
    }
  };
  return { world, folder, map, app, lose, check, foldersOf };
}

test('a folder that is gone is made once, and named by its new id; undoing deletes it, when nothing is in it any more', async (t) => {
  const { world, map, lose, check, foldersOf } = await newLoss(t);
  const request = lose();
  const before = imageOf(world.org.item(map));
  const result = await world.restore(request);
  assert.equal(result.outcome, 'complete', JSON.stringify(result));
  check('restored');
  const own = world.restores();
  const undo = await own.planUndo(result.restoreId);
  assert.match(JSON.stringify(undo.plan.items.at(-1)), /deletes the folder Maps of ana, which the restore made, if/);
  const undone = await own.start(undo);
  assert.equal(undone.outcome, 'complete', JSON.stringify(undone));
  assert.deepEqual(foldersOf(), ['Other']);
  assert.deepEqual(imageOf(world.org.item(map)), before);
  assert.equal(world.org.items.size, 1);
});

test('what a member has put into it stays, and the folder with it, which is told', async (t) => {
  const { world, lose, foldersOf } = await newLoss(t);
  const result = await world.restore(lose());
  const folder = world.org.folders.get('ana')?.[1]?.id ?? '';
  const own = world.org.addItem({ owner: 'ana', folder, type: 'Web Map', title: 'Mine', json: {} }).record.id;
  const restores = world.restores();
  const undone = await restores.start(await restores.planUndo(result.restoreId));
  const [last] = undone.items.slice(-1);
  assert.deepEqual([undone.outcome, last?.itemId, last?.outcome], ['complete', folder, 'equivalent']);
  assert.match(last?.differences[0]?.what ?? '', /the folder Maps stays, for 1 item lie/);
  assert.deepEqual([foldersOf(), world.org.item(own).record.ownerFolder], [['Other', 'Maps'], folder]);
});

test('a folder that somebody made anew meanwhile is theirs: it is found, named by its id, and not deleted', async (t) => {
  const { world, map, lose, check, foldersOf } = await newLoss(t);
  const request = lose();
  const own = world.restores();
  const planned = await own.plan(request);
  world.org.addFolder('ana', 'Maps');
  const result = await own.start(planned);
  assert.equal(result.outcome, 'complete', JSON.stringify(result));
  check('found');
  const restores = world.restores();
  const undone = await restores.start(await restores.planUndo(result.restoreId));
  assert.equal(undone.outcome, 'complete', JSON.stringify(undone));
  assert.deepEqual([foldersOf(), [...world.org.items.keys()]], [['Other', 'Maps'], [map]]);
});

test('a portal that lets nobody make folders for others makes it with the item, and undoing deletes it all the same', async (t) => {
  const { world, lose, check, foldersOf } = await newLoss(t);
  world.portal.writing.underOther = 'refused';
  const result = await world.restore(lose());
  assert.equal(result.outcome, 'complete', JSON.stringify(result));
  check('refused');
  const restores = world.restores();
  await restores.start(await restores.planUndo(result.restoreId));
  assert.deepEqual(foldersOf(), ['Other']);
});

test('the answer is lost at every write, also of taking it back: the end is the same', async (t) => {
  const { world, map, lose, check, foldersOf } = await newLoss(t);
  for (let skip = 0; ; skip++) {
    const request = lose();
    const match = /^POST .*\/content\/users\/(?:keeper|ana)\//;
    const fault = world.portal.faults.add({ match, skip, answer: 'lost' });
    const result = await world.restore(request);
    assert.equal(result.outcome, 'complete', `lost ${skip}: ${JSON.stringify(result)}`);
    check(`lost ${skip}`);
    const { hits } = fault;
    fault.remove();
    const own = world.restores();
    const undo = await own.planUndo(result.restoreId);
    const other = world.portal.faults.add({ match, skip: isLong ? skip : 4, answer: 'lost' });
    const undone = await own.start(undo);
    assert.equal(undone.outcome, 'complete', `undo, lost ${skip}: ${JSON.stringify(undone)}`);
    assert.deepEqual([foldersOf(), [...world.org.items.keys()]], [['Other'], [map]], `undo, lost ${skip}`);
    other.remove();
    if (!isLong) return assert.equal(hits, 1);
    if (hits + other.hits === 0) return assert.ok(skip > 4, `only ${skip} write calls`);
  }
});

for (const when of ['before', 'after'] as const) {
  test(`a restore that makes a folder is killed right ${when} any entry of its journal, and goes on or is taken back`, async (t) => {
    const { world, map, lose, check, foldersOf } = await newLoss(t);
    for (let n = isLong ? 2 : 5; ; n++) {
      const request = lose();
      const before = imageOf(world.org.item(map));
      const store = dying(world.store, n, when);
      const killed = world.restores(store.through);
      const planned = await killed.plan(request);
      await killed.start(planned).catch((error: unknown) => assert.ok(error instanceof BackupError, String(error)));
      if (n % 2 === 0) {
        const result = await world.restores().resume(planned.restoreId);
        assert.equal(result.outcome, 'complete', `${when} ${n}: ${JSON.stringify(result)}`);
        check(`${when} ${n}`);
      }
      const own = world.restores();
      const undo = await own.planUndo(planned.restoreId).catch((error: unknown) => error);
      if (undo instanceof Error) assert.equal((undo as BackupError).code, 'RESTORE_NOTHING', `${when} ${n}`);
      else assert.equal((await own.start(undo as Awaited<ReturnType<typeof own.planUndo>>)).outcome, 'complete');
      assert.deepEqual([foldersOf(), [...world.org.items.keys()]], [['Other'], [map]], `${when} ${n}`);
      assert.deepEqual(imageOf(world.org.item(map)), before, `${when} ${n}`);
      if (!isLong) return assert.ok(store.hasDied());
      if (!store.hasDied()) return assert.ok(n > 8, `only ${n} entries`);
    }
  });
}

test('taking back is killed right before or after an entry of its journal, and goes on to the same end', async (t) => {
  const { world, map, lose, foldersOf } = await newLoss(t);
  for (const when of ['before', 'after'] as const)
    for (let n = isLong ? 2 : 9; ; n++) {
      const request = lose();
      const before = imageOf(world.org.item(map));
      const result = await world.restore(request);
      const store = dying(world.store, n, when);
      const killed = world.restores(store.through);
      const undo = await killed.planUndo(result.restoreId);
      await killed.start(undo).catch((error: unknown) => assert.ok(error instanceof BackupError, String(error)));
      const undone = await world.restores().resume(undo.restoreId);
      assert.equal(undone.outcome, 'complete', `${when} ${n}: ${JSON.stringify(undone)}`);
      assert.deepEqual([foldersOf(), [...world.org.items.keys()]], [['Other'], [map]], `${when} ${n}`);
      assert.deepEqual(imageOf(world.org.item(map)), before, `${when} ${n}`);
      if (!isLong || !store.hasDied()) break;
    }
});
