import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { contentOf, jsonContent } from '../support/portal/content.ts';
import { readZip } from '../support/portal/unzip.ts';
import type { Group } from '../support/portal/words.ts';
import { zipOf } from '../support/portal/zip.ts';
import { BackupError } from '../../lib/errors.ts';
import { imageOf, newWorld } from '../support/restore.ts';
import { addRoads, fillRoads } from '../support/services.ts';
import { dying } from '../support/stores/dying.ts';

/** A map that goes, and living items that name it: a viewer in data and resources, a survey in its zip, one that is protected, one in its record only. */
async function newNamers(t: TestContext) {
  const world = await newWorld(t);
  const { org, portal } = world;
  portal.writing.bin = 'off';
  org.addMember('ana');
  const map = org.addItem({ owner: 'ana', type: 'Web Map', title: 'Map', json: { a: 1 } }).record.id;
  const add = (type: string, title: string, more: object) =>
    org.addItem({ owner: 'ana', type, title, ...more }).record.id;
  const viewer = add('Web Experience', 'Viewer', {
    json: { map: { itemId: map }, other: 'f'.repeat(32) },
    resources: { 'config/config.json': jsonContent({ itemId: map }), 'logo.txt': contentOf('x') },
    url: `https://x/?id=${map}`,
    access: 'org',
  });
  const form = add('Form', 'Survey', {
    name: 'survey.zip',
    data: zipOf([
      ['esriinfo/form.webform', Buffer.from(`{"itemId":"${map}"}`)],
      ['b.bin', Buffer.of(0, 255)],
    ]),
  });
  const shut = add('Dashboard', 'Shut', { json: { map }, protected: true });
  const link = add('Web Mapping Application', 'Link', { json: {}, url: `https://x/?webmap=${map}` });
  add('Dashboard', 'Stranger', { json: { map: 'e'.repeat(32) } });
  await world.backup();
  const before = () => [viewer, form, shut, link].map((id) => imageOf(org.item(id)));
  return { world, map, viewer, form, shut, link, before };
}

const short = (list: readonly { itemId: string; names: string[] }[] = []) =>
  list.map(({ itemId, names }) => [itemId, ...names]).sort();

test('what still names what is made anew is listed in plan and end, and is not touched', async (t) => {
  const { world, map, viewer, form, shut, link, before } = await newNamers(t);
  const images = before();
  world.org.deleteItem(map);
  const own = world.restores();
  const planned = await own.plan({ items: [map] });
  const all = [viewer, form, shut, link].map((id) => [id, map]).sort();
  assert.deepEqual([short(planned.plan.pointing), planned.plan.order], [all, [map]]);
  const result = await own.start(planned);
  assert.deepEqual([result.outcome, short(result.pointing)], ['complete', all]);
  assert.deepEqual(before(), images);
  const away = world.restores();
  await away.start(await away.planUndo(result.restoreId));
  world.org.deleteItem(viewer);
  assert.deepEqual(short((await world.restores().plan({ items: [map] })).plan.pointing).length, 3);
});

test('re-pointed, they name the new one in data, resources and zips, and nothing else of them is other; undoing gives back what was', async (t) => {
  const { world, map, viewer, form, shut, link, before } = await newNamers(t);
  const { org } = world;
  const images = before();
  const survey = org.item(form).data?.bytes();
  org.deleteItem(map);
  const result = await world.restore({ items: [map], repoint: true });
  const now = result.ids[map] ?? '';
  assert.deepEqual(
    result.items.map(({ itemId, outcome, code }) => [itemId, outcome, code]).sort(),
    [
      [map, 'restored', null],
      [viewer, 'restored', null],
      [form, 'restored', null],
      [shut, 'failed', 'RESTORE_REPOINT'],
      [link, 'failed', 'RESTORE_REPOINT'],
    ].sort(),
    JSON.stringify(result),
  );
  assert.deepEqual(short(result.pointing), [shut, link].map((id) => [id, map]).sort());
  const text = (id: string) => org.item(id).data?.bytes().toString();
  assert.equal(text(viewer), `{"map":{"itemId":"${now}"},"other":"${'f'.repeat(32)}"}`);
  const resource = (name: string) => org.item(viewer).resources.get(name)?.content.bytes().toString();
  assert.deepEqual([resource('config/config.json'), resource('logo.txt')], [`{"itemId":"${now}"}`, 'x']);
  assert.deepEqual(await readZip(org.item(form).data?.bytes() ?? Buffer.of()), [
    ['esriinfo/form.webform', Buffer.from(`{"itemId":"${now}"}`)],
    ['b.bin', Buffer.of(0, 255)],
  ]);
  const others = before().map((image, n) => ({ ...image, data: images[n]?.data, resources: images[n]?.resources }));
  assert.deepEqual(others, images);
  const own = world.restores();
  const undone = await own.start(await own.planUndo(result.restoreId));
  assert.equal(undone.outcome, 'complete', JSON.stringify(undone));
  assert.deepEqual(before(), images);
  assert.deepEqual(org.item(form).data?.bytes(), survey);
  assert.equal(org.items.has(now), false);
});

const written = ({ more: { modified: _modified, ...fields } = {} }: Group) => structuredClone(fields);

test('a service with another address, and a group with another id, are named anew by map, app and group that name them', async (t) => {
  const world = await newWorld(t);
  const { org } = world;
  const roads = await addRoads(world);
  await fillRoads(world);
  const urlOf = (id: string) => (org.item(id).record.url ?? '').replace('{portal}', world.portal.url);
  const url = urlOf(roads);
  const crew = org.addGroup('Crew', { owner: 'ana', more: { tags: [] } });
  const json = { operationalLayers: [{ url: `${url}/3` }], group: crew.id };
  const map = org.addItem({ owner: 'ana', type: 'Web Map', title: 'Map', json }).record.id;
  const home = org.addGroup('Home', {
    owner: 'ana',
    more: { tags: [], description: `<a href="${url}">layer</a> of ${crew.id}`, snippet: crew.id },
  });
  await world.backup();
  // In the bin its name stays taken, and it is not looked for there.
  org.item(roads).recycled = true;
  org.groups.delete(crew.id);
  const request = { items: [roads], groups: [crew.id], mode: 'new' as const };
  const { plan } = await world.restores().plan(request);
  assert.deepEqual(
    short(plan.pointing),
    [
      [home.id, crew.id, url],
      [map, crew.id, url],
    ].sort(),
  );
  const match = new RegExp(`/groups/${home.id}/users`);
  const fault = world.portal.faults.add({ match, times: Infinity, answer: { error: { code: 403, message: 'No.' } } });
  const unsure = (await world.restores().plan({ ...request, repoint: true })).plan;
  fault.remove();
  assert.equal(unsure.items.find(({ itemId }) => itemId === home.id)?.blocked?.code, 'RESTORE_UNSURE');
  const before = { map: imageOf(org.item(map)), home: written(home) };
  const result = await world.restore({ ...request, repoint: true });
  assert.equal(result.outcome, 'complete', JSON.stringify(result));
  const [newRoads = '', newCrew = ''] = [result.ids[roads], result.ids[crew.id]];
  const newUrl = urlOf(newRoads);
  assert.notEqual(newUrl, url);
  const wanted = { operationalLayers: [{ url: `${newUrl}/3` }], group: newCrew };
  assert.deepEqual(JSON.parse(org.item(map).data?.bytes().toString() ?? ''), wanted);
  assert.deepEqual(
    [home.more?.['description'], home.more?.['snippet']],
    [`<a href="${newUrl}">layer</a> of ${newCrew}`, crew.id],
  );
  assert.deepEqual(result.pointing, []);
  const own = world.restores();
  const undone = await own.start(await own.planUndo(result.restoreId));
  assert.equal(undone.outcome, 'complete', JSON.stringify(undone));
  assert.deepEqual({ map: imageOf(org.item(map)), home: written(home) }, before);
});

test('where the portal grants no wished id although it should, the end lists who names the old one', async (t) => {
  const world = await newWorld(t, { writing: { bin: 'off', wishedIds: 'honoured' } });
  const { org } = world;
  org.addMember('ana');
  const map = org.addItem({ owner: 'ana', type: 'Web Map', title: 'Map', json: { a: 1 } }).record.id;
  const viewer = org.addItem({ owner: 'ana', type: 'Dashboard', title: 'Viewer', json: { map } }).record.id;
  await world.backup();
  org.deleteItem(map);
  const own = world.restores();
  const planned = await own.plan({ items: [map] });
  world.portal.writing.wishedIds = 'ignored';
  const result = await own.start(planned);
  assert.deepEqual([planned.plan.pointing, short(result.pointing)], [[], [[viewer, map]]]);
});

/** Every call and every entry in the long form. */
const isLong = process.env['LONG'] === '1';

/** A map that is gone, and a living viewer that names it; as often as it is asked for. */
async function newLoss(t: TestContext) {
  const world = await newWorld(t);
  const { org, portal } = world;
  portal.writing.bin = 'off';
  org.addMember('ana');
  let map = org.addItem({ owner: 'ana', type: 'Web Map', title: 'Map', json: { a: 1 } }).record.id;
  const first = map;
  const viewer = org.addItem({
    owner: 'ana',
    type: 'Dashboard',
    title: 'Viewer',
    json: { map },
    resources: { 'a.json': jsonContent({ map }) },
  }).record.id;
  await world.backup();
  const lose = () => {
    if (org.items.has(map)) org.deleteItem(map);
    org.replaceData(viewer, jsonContent({ map: first }));
    org.item(viewer).resources.set('a.json', { content: jsonContent({ map: first }), access: 'inherit', created: 1 });
    return { items: [first], repoint: true };
  };
  const check = (about: string) => {
    const found = [...org.items.keys()].filter((id) => id !== viewer);
    assert.equal(found.length, 1, `${about}: copies`);
    map = found[0] ?? '';
    const texts = [org.item(viewer).data, org.item(viewer).resources.get('a.json')?.content];
    for (const text of texts) assert.equal(text?.bytes().toString(), `{"map":"${map}"}`, about);
  };
  return { world, viewer, lose, check };
}

test('what was edited since the plan is not re-pointed, and nothing is changed', async (t) => {
  const { world, viewer, lose } = await newLoss(t);
  const request = lose();
  const own = world.restores();
  const planned = await own.plan(request);
  world.org.editItem(viewer, { snippet: 'edited' });
  await assert.rejects(own.start(planned), { code: 'RESTORE_STALE' });
  assert.deepEqual(world.portal.writesOf('keeper'), []);
});

test('the answer is lost at every write of a re-pointing: the end is the same', async (t) => {
  const { world, lose, check } = await newLoss(t);
  for (let skip = isLong ? 0 : 2; ; skip++) {
    const request = lose();
    const fault = world.portal.faults.add({
      match: /^POST .*\/content\/users\/(?:keeper|ana)\//,
      skip,
      answer: 'lost',
    });
    const result = await world.restore(request);
    assert.equal(result.outcome, 'complete', `lost ${skip}: ${JSON.stringify(result)}`);
    check(`lost ${skip}`);
    const { hits } = fault;
    fault.remove();
    if (!isLong) return assert.equal(hits, 1);
    if (hits === 0) return assert.ok(skip > 3, `only ${skip} write calls`);
  }
});

for (const when of ['before', 'after'] as const) {
  test(`a re-pointing killed right ${when} any entry of its journal goes on to the same end, or is taken back`, async (t) => {
    const { world, viewer, lose, check } = await newLoss(t);
    for (let n = isLong ? 2 : 8; ; n++) {
      const request = lose();
      const before = imageOf(world.org.item(viewer));
      const store = dying(world.store, n, when);
      const killed = world.restores(store.through);
      const planned = await killed.plan(request);
      await killed.start(planned).catch((error: unknown) => assert.ok(error instanceof BackupError, String(error)));
      // Half of them goes on first.
      if (n % 2 === 0) {
        const result = await world.restores().resume(planned.restoreId);
        assert.equal(result.outcome, 'complete', `${when} ${n}: ${JSON.stringify(result)}`);
        check(`${when} ${n}`);
      }
      const own = world.restores();
      const undo = await own.planUndo(planned.restoreId).catch((error: unknown) => error);
      if (undo instanceof Error) assert.equal((undo as BackupError).code, 'RESTORE_NOTHING', `${when} ${n}`);
      else assert.equal((await own.start(undo as Awaited<ReturnType<typeof own.planUndo>>)).outcome, 'complete');
      assert.deepEqual(imageOf(world.org.item(viewer)), before, `${when} ${n}`);
      assert.deepEqual([...world.org.items.keys()], [viewer], `${when} ${n}`);
      if (!isLong) return assert.ok(store.hasDied());
      if (!store.hasDied()) return assert.ok(n > 8, `only ${n} entries`);
    }
  });
}
