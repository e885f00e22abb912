import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { replaceParts, app } from '../../lib/app.ts';
import type { RestoreRequest } from '../../lib/api/restores.ts';
import { isCode, type ErrorCode } from '../../lib/errors.ts';
import { openRepository } from '../../lib/archive/repository.ts';
import { jsonContent } from '../support/portal/content.ts';
import { newWorld, type World } from '../support/restore.ts';
import { spoilObject } from '../support/spoil.ts';

async function newMap(t: TestContext, settings: Record<string, string> = {}) {
  const world = await newWorld(t, { settings });
  world.org.addMember('ana');
  const map = world.org.addItem({ owner: 'ana', type: 'Web Map', title: 'Districts', json: { a: 1 } });
  await world.backup();
  world.org.replaceData(map.record.id, jsonContent({}));
  return { world, id: map.record.id };
}

/** It is refused with this code, and neither portal nor archive has changed. */
async function refused(world: World, request: RestoreRequest, code: ErrorCode) {
  const blobs = async () => Array.fromAsync(world.store.list(''), ({ name, etag }) => `${name} ${etag}`);
  const before = await blobs();
  await assert.rejects(world.restore(request), (error) => isCode(error, code) || assert.fail(String(error)));
  assert.deepEqual(world.portal.writesOf('keeper'), []);
  assert.deepEqual(await blobs(), before);
}

test('what cannot be meant is refused before anything is written', async (t) => {
  const { world } = await newMap(t);
  for (const [request, code] of [
    [{ items: ['No such map'] }, 'ITEM_UNKNOWN'],
    [{ items: ['Districts'], at: '2020-01-01' }, 'VERSION_UNKNOWN'],
    [{ items: ['Districts'], at: '2026-02-31' }, 'USAGE'],
    [{ items: [] }, 'USAGE'],
    [{ items: ['Districts'], only: ['wings'] }, 'USAGE'],
  ] as [RestoreRequest, ErrorCode][])
    await refused(world, request, code);
});

test('without an account that restores nobody signs in, and with a wrong password nothing is written', async (t) => {
  const { world } = await newMap(t);
  for (const [name, value] of [
    ['RESTORE_USERNAME', ''],
    ['RESTORE_PASSWORD', 'wrong'],
  ] as const) {
    const env = { ...world.env, [name]: value };
    replaceParts({ env, clock: world.clock, store: world.store });
    await assert.rejects(app().restores.plan({ items: ['Districts'] }), (error) => isCode(error, 'RESTORE_ACCOUNT'));
  }
  assert.deepEqual(world.portal.writesOf('keeper'), []);
});

test('an account that may not change others is named its lacking privileges, in the plan and at the start', async (t) => {
  const { world, id } = await newMap(t);
  const privileges = ['portal:admin:viewUsers', 'portal:admin:viewItems'];
  world.org.addMember('helper', { role: 'org_publisher', privileges });
  Object.assign(world.env, { RESTORE_USERNAME: 'helper', RESTORE_PASSWORD: 'helper-password' });
  const own = world.restores();
  const planned = await own.plan({ items: [id] });
  assert.deepEqual(planned.plan.needs.privileges, ['portal:admin:updateItems']);
  await assert.rejects(own.start(planned), (error) => isCode(error, 'RESTORE_PRIVILEGE'));
  assert.deepEqual(world.portal.writesOf('helper'), []);
});

test('what only an account without the view of everything does not see is unknown, and never made again', async (t) => {
  const { world, id } = await newMap(t);
  world.portal.faults.add({
    match: new RegExp(`GET .*/content/items/${id}$`),
    times: Infinity,
    answer: { error: { code: 403, messageCode: 'GWM_0003', message: 'You do not have permissions.' } },
  });
  const { plan } = await world.restores().plan({ items: [id] });
  assert.deepEqual([plan.items[0]?.state, plan.items[0]?.blocked?.code, plan.order], ['unknown', 'RESTORE_UNSURE', []]);
  await refused(world, { items: [id] }, 'RESTORE_BLOCKED');
});

test('an archive of another organization is refused, unless the setting names that portal; then everything is new', async (t) => {
  const { world, id } = await newMap(t);
  Object.assign(world.org, { id: 'another' });
  await refused(world, { items: [id] }, 'RESTORE_FOREIGN');
  world.env['ARCGIS_PORTAL_URL'] = 'https://old.example.com';
  world.env['RESTORE_PORTAL_URL'] = world.portal.url;
  const { plan } = await world.restores().plan({ items: [id] });
  assert.deepEqual([plan.items[0]?.mode, plan.items[0]?.state], ['new', 'gone']);
});

test('hosted tiles are in no backup: the plan says what a person can do, and nothing is written', async (t) => {
  const world = await newWorld(t);
  world.org.addMember('ana');
  const typeKeywords = ['Hosted Service'];
  const tiles = world.org.addItem({ owner: 'ana', type: 'Vector Tile Service', title: 'Tiles', typeKeywords });
  const layer = tiles.record.id;
  await world.backup();
  world.portal.writing.bin = 'off';
  world.org.deleteItem(layer);
  const { plan } = await world.restores().plan({ items: [layer] });
  assert.equal(plan.items[0]?.blocked?.code, 'RESTORE_CLASS');
  assert.match(plan.items[0].blocked.hint, new RegExp(`ago-backup get ${layer} --at \\w+ --to DIR`));
  await refused(world, { items: [layer] }, 'RESTORE_BLOCKED');
});

test('a map that was closed on purpose is not opened again without being told to', async (t) => {
  const { world, id } = await newMap(t);
  world.org.quietlyEdit(id, { access: 'public' });
  await world.backup();
  world.org.quietlyEdit(id, { access: 'private' });
  world.org.replaceData(id, jsonContent({ b: 1 }));
  const first = await world.restores().plan({ items: [id] });
  assert.deepEqual(
    first.plan.warnings.map(({ code }) => code),
    ['SHARED_WIDER', 'NEWER'],
  );
  await world.restore({ items: [id] });
  assert.equal(world.org.item(id).record.access, 'private');
  await world.restore({ items: [id], at: first.plan.items[0]?.commit ?? '', widenSharing: true });
  assert.equal(world.org.item(id).record.access, 'public');
});

test('who edits between the plan and the restore keeps what they did', async (t) => {
  const { world, id } = await newMap(t);
  const own = world.restores();
  const planned = await own.plan({ items: [id] });
  world.org.replaceData(id, jsonContent({ mine: true }));
  await assert.rejects(own.start(planned), (error) => isCode(error, 'RESTORE_STALE'));
  assert.equal(world.org.item(id).data?.bytes().toString(), '{"mine":true}');
  assert.deepEqual(world.portal.writesOf('keeper'), []);
});

test('an item that the settings leave out cannot be saved before, and is left as it is', async (t) => {
  const { world, id } = await newMap(t);
  world.org.editItem(id, { tags: ['ago_view'] });
  const own = world.restores();
  await assert.rejects(own.start(await own.plan({ items: [id] })), (error) => isCode(error, 'RESTORE_UNSAVED'));
  assert.deepEqual(world.portal.writesOf('keeper'), []);
});

test('a damaged part is not put back: the plan names the newest sound version', async (t) => {
  const { world, id } = await newMap(t);
  const own = world.restores();
  const sound = (await own.plan({ items: [id] })).plan.items[0]?.commit ?? '';
  world.org.item(id).data = jsonContent({ large: 'x'.repeat(1_100_000) });
  world.org.editItem(id, {});
  await world.backup();
  for await (const { name, size } of world.store.list('lfs/objects/'))
    await world.store.put(name, Buffer.alloc(size, 'spoiled'));
  const { plan } = await world.restores().plan({ items: [id] });
  assert.equal(plan.items[0]?.blocked?.code, 'RESTORE_DAMAGED');
  assert.match(plan.items[0].blocked.hint, new RegExp(`--at ${sound.slice(0, 10)}`));
  await refused(world, { items: [id] }, 'RESTORE_BLOCKED');
});

test('what belonged to a member who is gone needs somebody who takes it', async (t) => {
  const { world, id } = await newMap(t);
  world.portal.writing.bin = 'off';
  world.org.removeMember('ana');
  world.org.addMember('ben');
  const { plan } = await world.restores().plan({ items: [id] });
  assert.equal(plan.items[0]?.blocked?.code, 'RESTORE_OWNER');
  const { ids } = await world.restore({ items: [id], owner: 'ben' });
  assert.equal(world.org.item(ids[id] ?? '').record.owner, 'ben');
});

test('a version of which backup.json is damaged costs that item only: the plan says so, and the others go back', async (t) => {
  const { world, id } = await newMap(t);
  const other = world.org.addItem({ owner: 'ana', type: 'Web Map', title: 'Other', json: { b: 1 } }).record.id;
  await world.backup();
  world.org.replaceData(other, jsonContent({}));
  const { versions } = await world.restores().plan({ items: [id, other] });
  const repository = openRepository(world.store, { random: () => '0'.repeat(40), clock: world.clock });
  await spoilObject(world.store, (await repository.treeAt(versions[id]?.tree ?? '', 'backup.json')) ?? '');
  const { plan } = await world.restores().plan({ items: [id, other] });
  const blocked = plan.items.find(({ itemId }) => itemId === id)?.blocked;
  assert.deepEqual([plan.order, blocked?.code], [[other], 'RESTORE_DAMAGED']);
  assert.match(blocked?.hint ?? '', /--at \w+/);
  assert.equal((await world.restore({ items: [id, other] })).outcome, 'partial');
  assert.equal(world.org.item(other).data?.bytes().toString(), '{"b":1}');
});
