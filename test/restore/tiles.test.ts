import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { BackupError } from '../../lib/errors.ts';
import { Caller } from '../portal/caller.ts';
import { dying } from '../support/dying-store.ts';
import { contentOf } from '../support/portal/content.ts';
import { imageOf, newWorld } from '../support/restore.ts';

/** Every call and every entry in the long form; in the suite one of each. */
const isLong = process.env['LONG'] === '1';

const kinds = [
  ['Compact Tile Package', { fileType: 'compactTilePackage' }],
  ['Vector Tile Package', { fileType: 'vectortilepackage', outputType: 'VectorTiles' }],
  ['Scene Package', { fileType: 'scenePackage', outputType: 'sceneService' }],
] as const;

/** A service of tiles that ana published from a package, with what people wrote about it, and a version of both. */
async function tiles(t: TestContext, [type, asked]: (typeof kinds)[number] = kinds[0]) {
  const world = await newWorld(t, { writing: { bin: 'off' } });
  const { org, portal } = world;
  org.addMember('ana');
  const data = contentOf('tiles, tiles, tiles', 'application/octet-stream');
  const file = org.addItem({ owner: 'ana', type, title: 'Base', name: 'base.pkg', data }).record.id;
  const keeper = new Caller(portal, 'keeper');
  const form = {
    ...asked,
    itemId: file,
    publishParameters: JSON.stringify({ name: 'Base' }),
    buildInitialCache: 'true',
  };
  const made = await keeper.post<{ services: { serviceItemId: string }[] }>(
    '/sharing/rest/content/users/ana/publish',
    form,
  );
  const id = made.services[0]?.serviceItemId ?? assert.fail(JSON.stringify(made));
  org.editItem(id, { title: 'Base map', snippet: 'All of it', tags: ['base'] });
  org.share(id, org.addGroup('Crew', { owner: 'ana', members: new Set(['ana']) }).id);
  await world.backup();
  const at = (await world.restores().plan({ items: [id] })).plan.items[0]?.commit ?? '';
  return { world, org, file, id, at, tilesOf: (item: string) => org.item(item).service?.tiles, sum: data.sha256() };
}

for (const kind of kinds)
  test(`a service of tiles that is gone with its ${kind[0]} is published from that again, and undone`, async (t) => {
    const { world, org, file, id, tilesOf, sum } = await tiles(t, kind);
    const before = imageOf(org.item(id));
    for (const each of [id, file]) org.deleteItem(each);
    const result = await world.restore({ items: [id, file] });
    assert.equal(result.outcome, 'complete', JSON.stringify(result));
    const [now = '', from = ''] = [id, file].map((each) => result.ids[each]);
    assert.deepEqual(imageOf(org.item(now)), before);
    assert.equal(tilesOf(now), sum);
    assert.deepEqual(
      org.item(now).relations.map(({ id: other, type }) => [other, type]),
      [[from, 'Service2Data']],
    );
    const own = world.restores();
    assert.equal((await own.start(await own.planUndo(result.restoreId))).outcome, 'complete');
    assert.equal(org.items.size, 0);
  });

test('without its package a service of tiles is not made, and the plan says what it lacks', async (t) => {
  const { world, org, file, id } = await tiles(t);
  for (const each of [id, file]) org.deleteItem(each);
  const { plan } = await world.restores().plan({ items: [id] });
  assert.equal(plan.items[0]?.blocked?.code, 'RESTORE_SOURCE', JSON.stringify(plan.items));
  assert.ok(plan.items[0].blocked.message.includes(file));
});

test('a living service of tiles keeps them, and what is written about it comes back', async (t) => {
  const { world, org, id, at, tilesOf, sum } = await tiles(t);
  const before = imageOf(org.item(id));
  org.editItem(id, { title: 'Oops', snippet: '' });
  const result = await world.restore({ items: [id], at });
  assert.equal(result.outcome, 'complete', JSON.stringify(result));
  assert.deepEqual([imageOf(org.item(id)), tilesOf(id)], [before, sum]);
});

test('whatever answer is lost while tiles are published, and wherever the process is killed, there is one of them', async (t) => {
  const { world, org, file, id, at, sum } = await tiles(t);
  const others = [...org.items.keys()].filter((each) => each !== id && each !== file);
  let last = id;
  const check = (newId: string | undefined, about: string) => {
    last = newId ?? last;
    assert.deepEqual([...org.items.keys()].sort(), [file, last, ...others].sort(), about);
    assert.equal(org.item(last).service?.tiles, sum, about);
  };
  for (let n = isLong ? 0 : 1; ; n++) {
    org.deleteItem(last);
    const match = ({ kind, who }: { kind: string; who: string | null }) => kind === 'write' && who === 'keeper';
    const fault = world.portal.faults.add({ match, skip: isLong ? n : 0, answer: 'lost' });
    const result = await world.restore({ items: [id], at });
    assert.equal(result.outcome, 'complete', `lost ${n}: ${JSON.stringify(result)}`);
    check(result.ids[id], `lost ${n}`);
    const { hits } = fault;
    fault.remove();
    if (!isLong || hits === 0) break;
  }
  for (let n = 2; ; n++) {
    org.deleteItem(last);
    const store = dying(world.store, n);
    const killed = world.restores(store.through);
    const planned = await killed.plan({ items: [id], at });
    await killed.start(planned).catch((error: unknown) => assert.ok(error instanceof BackupError, String(error)));
    const result = await world.restores().resume(planned.restoreId);
    assert.equal(result.outcome, 'complete', `killed ${n}: ${JSON.stringify(result)}`);
    check(result.ids[id], `killed ${n}`);
    if (!isLong || !store.hasDied()) break;
  }
});
