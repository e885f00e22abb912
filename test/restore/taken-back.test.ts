import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openRepository } from '../../lib/archive/repository.ts';
import { contentOf, fixture, jsonContent } from '../support/portal/content.ts';
import { imageOf, newWorld, type World } from '../support/restore.ts';
import { addRoads, fillRoads } from '../support/services.ts';

function addMap({ org }: World) {
  if (!org.accounts.has('ana')) org.addMember('ana');
  const item = org.addItem({
    owner: 'ana',
    type: 'Web Map',
    title: 'Districts',
    json: { layers: [1] },
    infos: { 'thumbnail/map.png': fixture('thumbnail.png') },
    resources: { 'notes.json': jsonContent({ a: 1 }) },
    access: 'org',
  });
  return item.record.id;
}

function spoil({ org }: World, id: string): void {
  org.replaceData(id, jsonContent({ layers: [] }));
  org.editItem(id, { title: 'Oops', snippet: 'spoiled' });
  org.item(id).resources.set('stray.json', { content: contentOf('{}'), access: 'inherit', created: 1 });
}

const headOf = async ({ store, clock }: World) => openRepository(store, { random: () => '0'.repeat(40), clock }).head();

test('what was there before is a commit of its own, and undoing gives it back', async (t) => {
  const world = await newWorld(t);
  const id = addMap(world);
  await world.backup();
  spoil(world, id);
  const spoiled = imageOf(world.org.item(id));
  const result = await world.restore({ items: [id] });
  assert.equal(result.outcome, 'complete', JSON.stringify(result));
  const head = await headOf(world);
  assert.equal(head?.commit, result.beforeCommit);
  assert.match(head?.message ?? '', new RegExp(`^Before restore ${result.restoreId}: 1 item\n`));
  const own = world.restores();
  const undone = await own.start(await own.planUndo(result.restoreId));
  assert.equal(undone.outcome, 'complete', JSON.stringify(undone));
  assert.deepEqual(imageOf(world.org.item(id)), spoiled);
});

test('undoing deletes what was made, for good, and nothing else', async (t) => {
  const world = await newWorld(t);
  const id = addMap(world);
  await world.backup();
  world.portal.writing.bin = 'off';
  world.org.deleteItem(id);
  const before = [...world.org.items.keys()];
  const result = await world.restore({ items: [id] });
  assert.ok(world.org.items.has(result.ids[id] ?? ''));
  world.portal.writing.bin = 'on';
  const own = world.restores();
  const undone = await own.start(await own.planUndo(result.restoreId));
  assert.equal(undone.outcome, 'complete', JSON.stringify(undone));
  assert.deepEqual([...world.org.items.keys()], before);
});

test('what somebody has changed since it was made is saved before undoing deletes it', async (t) => {
  const world = await newWorld(t);
  const id = addMap(world);
  await world.backup();
  const result = await world.restore({ items: [id], mode: 'beside' });
  const copy = result.items[0]?.newId ?? '';
  world.org.replaceData(copy, jsonContent({ work: 'of a day' }));
  const own = world.restores();
  const undo = await own.planUndo(result.restoreId);
  assert.match(JSON.stringify(undo.plan.items), /it is saved first, for it is not as it was made/);
  const undone = await own.start(undo);
  assert.deepEqual([undone.outcome, world.org.items.has(copy)], ['complete', false], JSON.stringify(undone));
  const again = await world.restore({ items: [copy], at: undone.beforeCommit ?? '' });
  const back = world.org.item(again.items[0]?.newId ?? '');
  assert.equal(back.data?.bytes().toString(), '{"work":"of a day"}');
});

test('rows that somebody has edited in a copy beside are saved before undoing deletes it', async (t) => {
  const world = await newWorld(t);
  const { org } = world;
  const roads = await addRoads(world);
  await fillRoads(world);
  await world.backup();
  const result = await world.restore({ items: [roads], mode: 'beside' });
  const copy = result.items[0]?.newId ?? '';
  const isSavedFirst = async () => {
    const { plan } = await world.restores().planUndo(result.restoreId);
    return JSON.stringify(plan.items).includes('it is saved first');
  };
  assert.equal(await isSavedFirst(), false);
  org.editRows(copy, 3);
  assert.equal(await isSavedFirst(), true);
});

test('what lies in the recycle bin comes out of it under its id, is what it was, and goes back when that is undone', async (t) => {
  const world = await newWorld(t);
  const id = addMap(world);
  const before = imageOf(world.org.item(id));
  await world.backup();
  world.org.item(id).recycled = true;
  const result = await world.restore({ items: [id] });
  assert.deepEqual(
    [result.outcome, result.items[0]?.mode, result.ids],
    ['complete', 'bin', {}],
    JSON.stringify(result),
  );
  assert.deepEqual(imageOf(world.org.item(id)), before);
  const own = world.restores();
  assert.equal((await own.start(await own.planUndo(result.restoreId))).outcome, 'complete');
  assert.equal(world.org.item(id).recycled, true);
});

test('a copy beside is private, bears the same content, and the living item is not touched', async (t) => {
  const world = await newWorld(t);
  const id = addMap(world);
  await world.backup();
  spoil(world, id);
  const spoiled = imageOf(world.org.item(id));
  const result = await world.restore({ items: [id], mode: 'beside' });
  assert.equal(result.outcome, 'complete', JSON.stringify(result));
  assert.deepEqual(imageOf(world.org.item(id)), spoiled);
  const copy = world.org.item(result.items[0]?.newId ?? '');
  const folder = world.org.folders.get('ana')?.find(({ id: own }) => own === copy.record.ownerFolder);
  assert.deepEqual(
    [copy.record.title, copy.record.access, copy.record.owner, folder?.title],
    ['Districts', 'private', 'ana', 'Restored 2026-11-23'],
  );
  assert.deepEqual(result.ids, {});
});

test('maps and apps that name each other name each other under their new ids', async (t) => {
  const world = await newWorld(t);
  world.portal.writing.bin = 'off';
  const map = addMap(world);
  const app = world.org.addItem({ owner: 'ana', type: 'Web Mapping Application', title: 'Viewer', json: {} }).record.id;
  const stranger = 'f'.repeat(32);
  world.org.replaceData(app, jsonContent({ map: { itemId: map }, other: stranger, hash: `${map}${map}` }));
  world.org.replaceData(map, jsonContent({ app, own: map }));
  world.org.editItem(app, { url: `https://example.com/apps/?id=${app}` });
  await world.backup();
  world.org.deleteItem(map);
  world.org.deleteItem(app);
  const { ids, outcome, ...more } = await world.restore({ items: [app, map] });
  assert.equal(outcome, 'complete', JSON.stringify(more));
  const [newApp = '', newMap = ''] = [ids[app], ids[map]];
  const json = (id: string) => JSON.parse(world.org.item(id).data?.bytes().toString() ?? '') as unknown;
  assert.deepEqual(json(newApp), { map: { itemId: newMap }, other: stranger, hash: `${map}${map}` });
  assert.deepEqual(json(newMap), { app: newApp, own: newMap });
  assert.equal(world.org.item(newApp).record.url, `https://example.com/apps/?id=${newApp}`);
});

test('what is as it was is not written, and is told to be restored', async (t) => {
  const world = await newWorld(t);
  const id = addMap(world);
  await world.backup();
  const result = await world.restore({ items: [id] });
  assert.deepEqual([result.outcome, result.items[0]?.outcome, result.beforeCommit], ['complete', 'restored', null]);
  assert.deepEqual(world.portal.writesOf('keeper'), []);
});

test('a portal that honours wished ids gives back the old one', async (t) => {
  const world = await newWorld(t, { writing: { wishedIds: 'honoured' } });
  const id = addMap(world);
  await world.backup();
  world.org.deleteItem(id);
  const result = await world.restore({ items: [id] });
  assert.equal(result.outcome, 'complete', JSON.stringify(result));
  assert.deepEqual([result.items[0]?.newId, result.ids], [id, {}]);
});

test('files come back under their names, small ones and such as go in parts', async (t) => {
  const world = await newWorld(t);
  world.portal.writing.bin = 'off';
  world.org.addMember('ana');
  // Parts have 25 MiB; in the suite it goes in one.
  const large = Buffer.alloc((process.env['LONG'] === '1' ? 26 : 2) * 1024 * 1024, 'abcdefg');
  const csv = world.org.addItem({ owner: 'ana', type: 'CSV', title: 'Stations', file: 'stations.csv' }).record.id;
  const pdf = world.org.addItem({ owner: 'ana', type: 'PDF', title: 'Atlas', name: 'atlas.pdf', data: large }).record
    .id;
  await world.backup();
  const before = [csv, pdf].map((id) => imageOf(world.org.item(id)));
  world.org.deleteItem(csv);
  world.org.replaceData(pdf, contentOf('other bytes', 'x.pdf'));
  const result = await world.restore({ items: [csv, pdf] });
  assert.equal(result.outcome, 'complete', JSON.stringify(result));
  assert.deepEqual(
    [result.ids[csv] ?? '', pdf].map((id) => imageOf(world.org.item(id))),
    before,
  );
});

test('what the portal refuses costs that item only, is told, and is done when the restore is resumed', async (t) => {
  const world = await newWorld(t);
  const [one, other] = [addMap(world), addMap(world)];
  await world.backup();
  const before = [one, other].map((id) => imageOf(world.org.item(id)));
  for (const id of [one, other]) spoil(world, id);
  const refused = { error: { code: 400, message: 'Unable to update item.' } };
  const match = new RegExp(`POST .*/items/${one}/update$`);
  const fault = world.portal.faults.add({ match, times: Infinity, answer: refused });
  const result = await world.restore({ items: [one, other] });
  assert.deepEqual(
    result.items.map(({ outcome, code }) => [outcome, code]),
    [
      ['failed', 'RESTORE_REFUSED'],
      ['restored', null],
    ],
  );
  assert.equal(result.outcome, 'partial');
  fault.remove();
  const again = await world.restores().resume(result.restoreId);
  assert.equal(again.outcome, 'complete', JSON.stringify(again));
  assert.deepEqual(
    [one, other].map((id) => imageOf(world.org.item(id))),
    before,
  );
});
