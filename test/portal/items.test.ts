import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contentOf, fixture } from '../support/portal/content.ts';
import { errorOf, openCallers, rest, type Answer } from './caller.ts';

const at = (id: string, rest_ = '') => `${rest}/content/items/${id}${rest_}`;

test('small data comes at once, large data by a redirect to another origin that holds nothing secret', async (t) => {
  const { admin, org, portal } = await openCallers(t, { behaviour: { redirectAbove: 1000 } });
  const id = (bytes: number) =>
    org.addItem({ owner: 'ana', type: 'CSV', title: 'S', name: 'Straße "1".csv', data: Buffer.alloc(bytes, 'x') })
      .record.id;
  const small = await admin.get(at(id(1000), '/data'));
  assert.deepEqual([small.status, (await small.arrayBuffer()).byteLength], [200, 1000]);
  const large = await admin.get(at(id(1001), '/data'));
  assert.equal(large.status, 302);
  const location = large.headers.get('location') ?? '';
  assert.ok(location.startsWith(portal.storageUrl) && !location.startsWith(portal.url), location);
  assert.doesNotMatch(location, /token/);
  const stored = await fetch(location);
  assert.equal((await stored.arrayBuffer()).byteLength, 1001);
  assert.equal(
    stored.headers.get('content-disposition'),
    `attachment; filename="Stra_e _1_.csv"; filename*=UTF-8''Stra%C3%9Fe%20%221%22.csv`,
  );
  assert.deepEqual(portal.leaks, []);
});

test('an item without data answers nothing, or one of two errors, always with HTTP 200', async (t) => {
  const { admin, org } = await openCallers(t);
  const text = async (missing: 'empty' | 'noFile' | 'noSection') => {
    const { id } = org.addItem({ owner: 'ana', type: 'PDF', title: 'x', missing }).record;
    const response = await admin.get(at(id, '/data'));
    assert.equal(response.status, 200);
    return response.text();
  };
  assert.equal(await text('empty'), '');
  assert.deepEqual(errorOf(JSON.parse(await text('noFile')) as Answer), [500]);
  assert.deepEqual(errorOf(JSON.parse(await text('noSection')) as Answer), [500, 'CONT_0004']);
  const map = org.addItem({ owner: 'ana', type: 'Web Map', title: 'never saved' }).record.id;
  assert.equal(await (await admin.get(at(map, '/data'))).text(), '');
});

test('metadata and thumbnails come as files; an absent one is CONT_0036 inside HTTP 200', async (t) => {
  const { admin, org } = await openCallers(t);
  const full = org.addItem({
    owner: 'ana',
    type: 'PDF',
    title: 'A & B',
    metadata: '<metadata/>',
    infos: { 'thumbnail/a b.png': fixture('thumbnail.png'), 'form.json': contentOf('{}') },
  }).record;
  assert.deepEqual([full.thumbnail, full.typeKeywords.includes('Metadata')], ['thumbnail/a b.png', true]);
  const file = async (path: string) => Buffer.from(await (await admin.get(at(full.id, path))).arrayBuffer());
  assert.equal((await file('/info/metadata/metadata.xml')).toString(), '<metadata/>');
  assert.ok((await file('/info/thumbnail/a%20b.png')).equals(fixture('thumbnail.png').bytes()));
  assert.equal((await file('/info/form.json')).toString(), '{}');
  assert.match((await file('/info/iteminfo.xml')).toString(), /<title>A &#38; B<\/title>/);
  const { id } = org.addItem({ owner: 'ana', type: 'PDF', title: 'Bare' }).record;
  for (const path of ['/info/metadata/metadata.xml', '/info/thumbnail/a.png']) {
    const response = await admin.get(at(id, path));
    assert.deepEqual([response.status, errorOf((await response.json()) as Answer)], [200, [400, 'CONT_0036']]);
  }
});

test('resources are paged; private ones, and who may see which, are for owner and administrator', async (t) => {
  const { admin, ana, ben, org } = await openCallers(t);
  const names = Array.from({ length: 105 }, (_, n) => `images/${String(n).padStart(3, '0')} ä.png`);
  const item = org.addItem({
    owner: 'ana',
    type: 'StoryMap',
    title: 'Story',
    access: 'org',
    resources: Object.fromEntries(names.map((name) => [name, contentOf(name)])),
  });
  const secret = item.resources.get(names[0] ?? '') ?? assert.fail();
  secret.access = 'private';
  const list = at(item.record.id, '/resources');
  const first = await admin.read(list, { num: '1000' });
  assert.deepEqual([first.total, (first['resources'] as object[]).length, first.nextStart], [105, 100, 101]);
  const shown = async (caller: typeof ben) =>
    (await caller.read<{ resources: { access?: string }[] }>(list, { num: '1' })).resources[0]?.access;
  assert.deepEqual([await shown(admin), await shown(ana), await shown(ben)], ['private', 'private', undefined]);
  assert.equal((await ben.read(list)).total, 104);
  const path = `${list}/images/${encodeURIComponent('000 ä.png')}`;
  assert.equal(await (await ana.get(path)).text(), names[0]);
  assert.equal(errorOf((await (await ben.get(path)).json()) as Answer)?.[0], 400);
  assert.deepEqual(errorOf(await ben.post(`${list}/export`)), [403, 'GWM_0003'], 'nor all of them in a zip');
  assert.equal(
    (await admin.get(`${rest}/content/users/ana/items/${item.record.id}/resources/export`)).headers.get('content-type'),
    'application/zip',
  );
});

test("the sharing of an item is for its owner and administrators, and only under its owner's name", async (t) => {
  const { admin, ben, org } = await openCallers(t);
  const { id } = org.addItem({ owner: 'ana', type: 'PDF', title: 'Plan', access: 'org' }).record;
  const hidden = org.addGroup('Council', { access: 'private' }).id;
  org.share(id, hidden);
  const { sharing } = await admin.read(`${rest}/content/users/ana/items/${id}`);
  assert.deepEqual(sharing, { access: 'org', groups: [hidden] });
  assert.deepEqual(errorOf(await admin.read(`${rest}/content/users/ben/items/${id}`)), [400, 'CONT_0001']);
  assert.deepEqual(errorOf(await ben.read(`${rest}/content/users/ana/items/${id}`)), [403, 'GWM_0003']);
  assert.deepEqual((await ben.read(at(id, '/groups')))['other'], [], 'a group that one cannot see is not named');
});

test("private items do not exist for others, except in a group with them; an item's own address is made real", async (t) => {
  const { ana, ben, nobody, org, portal } = await openCallers(t);
  const { id } = org.addService({ owner: 'ana', title: 'Parcels', layers: ['A'] }).record;
  const read = async (caller: typeof ben) => errorOf(await caller.read(at(id)));
  assert.deepEqual(await Promise.all([ana, ben, nobody].map(read)), [
    undefined,
    [400, 'CONT_0001'],
    [400, 'CONT_0001'],
  ]);
  org.share(id, org.addGroup('Crew', { members: new Set(['ben']) }).id);
  assert.equal(await read(ben), undefined);
  const { url, access } = await ben.read(at(id));
  assert.deepEqual([url, access], [`${portal.url}/arcgis/rest/services/Parcels/FeatureServer`, 'shared']);
});

test('related items are found by type and in their direction', async (t) => {
  const { admin, org } = await openCallers(t);
  const [survey, layer] = ['Form', 'PDF'].map((type) => org.addItem({ owner: 'ana', type, title: type }).record.id);
  org.relate(survey ?? '', layer ?? '', 'Survey2Service');
  const found = async (id = '', relationshipTypes = '', direction = '') => {
    const answer = await admin.read(at(id, '/relatedItems'), { relationshipTypes, direction });
    return (answer['relatedItems'] as { id: string }[]).map((each) => each.id);
  };
  assert.deepEqual(await found(survey, 'Service2Data,Survey2Service', 'forward'), [layer]);
  assert.deepEqual(await found(layer, 'Survey2Service', 'reverse'), [survey]);
  assert.deepEqual(await found(survey, 'Survey2Service', 'reverse'), []);
  assert.deepEqual(await found(survey, 'Survey2Data', 'forward'), []);
});

test('search shows strangers only what is public, as a success, and never a true size', async (t) => {
  const { admin, nobody, org } = await openCallers(t);
  org.addItem({ owner: 'ana', type: 'PDF', title: 'Mine', file: 'flyer.pdf' });
  org.addItem({ owner: 'ben', type: 'CSV', title: 'All', file: 'stations.csv', access: 'public' });
  const titles = async (caller: typeof admin, q: string) => {
    const { results } = await caller.read(`${rest}/search`, { q });
    assert.ok(results.every(({ size }) => size === -1));
    return results.map(({ title }) => title);
  };
  assert.deepEqual(await titles(nobody, 'orgid:x'), ['All']);
  assert.deepEqual(await titles(admin, 'orgid:x'), ['Mine', 'All']);
  assert.deepEqual(await titles(admin, 'owner:ana AND type:"PDF"'), ['Mine']);
});

test('groups are found by words of their title, and list what is shared with them', async (t) => {
  const { admin, ben, org } = await openCallers(t);
  const crew = org.addGroup('Field crew', { owner: 'ana' }).id;
  const council = org.addGroup('Field council', { owner: 'ana', access: 'private' }).id;
  const { id } = org.addItem({ owner: 'ana', type: 'PDF', title: 'Plan' }).record;
  org.share(id, crew);
  const found = async (caller: typeof ben) =>
    (await caller.read(`${rest}/community/groups`, { q: 'title:"field"' })).results.map((group) => group.id);
  assert.deepEqual([await found(admin), await found(ben)], [[crew, council], [crew]]);
  assert.deepEqual(errorOf(await ben.read(`${rest}/content/groups/${council}`)), [400, 'CONT_0006']);
  assert.deepEqual(
    (await admin.read(`${rest}/content/groups/${crew}`)).items.map((each) => each.id),
    [id],
  );
  assert.deepEqual(
    (await admin.read(`${rest}/content/groups/${crew}/search`)).results.map((each) => each.id),
    [id],
  );
});
