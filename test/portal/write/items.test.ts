import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contentOf, fixture } from '../../support/portal/content.ts';
import { errorOf, openKeepers, rest, type Answer } from '../caller.ts';

const home = (owner: string) => `${rest}/content/users/${owner}`;
const of = (owner: string, id: unknown) => `${home(owner)}/items/${String(id)}`;
const at = (id: unknown, rest_ = '') => `${rest}/content/items/${String(id)}${rest_}`;
const png = fixture('thumbnail.png').bytes();

test('a new item is private, has what the form says, and its text byte by byte', async (t) => {
  const { keeper, org } = await openKeepers(t);
  const folder = org.addFolder('ana', 'Maps').id;
  const text = '{ "b": 1,\n "a": 12345678901234567890 }';
  const form = { title: 'Plan', type: 'Web Map', tags: 'a, b', extent: '1,2,3,4', text, access: 'public' };
  const { id, ...more } = await keeper.post(`${home('ana')}/${folder}/addItem`, form);
  assert.deepEqual(more, { success: true, folder });
  const record = await keeper.read(at(id));
  const shown = ['title', 'type', 'tags', 'extent', 'access', 'ownerFolder', 'owner', 'size'].map(
    (name) => record[name],
  );
  const extent = [
    [1, 2],
    [3, 4],
  ];
  assert.deepEqual(shown, ['Plan', 'Web Map', ['a', 'b'], extent, 'private', folder, 'ana', text.length]);
  assert.equal(await (await keeper.get(at(id, '/data'))).text(), text);
  const wrong = await keeper.post(`${home('ana')}/addItem`, { title: 'X', type: 'Web Map', text: '{' });
  assert.deepEqual(errorOf(wrong), [400, 'CONT_0057']);
  assert.deepEqual(errorOf(await keeper.post(`${home('ana')}/addItem`, { type: 'PDF' })), [400]);
});

test('an update leaves alone what it does not name, and what is empty unless it is to be cleared', async (t) => {
  const { keeper, org } = await openKeepers(t);
  const { record } = org.addItem({ owner: 'ana', type: 'PDF', title: 'Plan', tags: ['a'], snippet: 'short' });
  const { modified } = record;
  const update = (form: Record<string, string>) => keeper.post(`${of('ana', record.id)}/update`, form);
  const ignored = { owner: 'ben', numViews: '7', protected: 'true', access: 'public', created: '1' };
  assert.deepEqual(await update({ description: 'new', snippet: '', tags: '', ...ignored }), {
    success: true,
    id: record.id,
  });
  assert.deepEqual(
    [record.description, record.snippet, record.tags, record.owner, record.numViews, record.protected, record.access],
    ['new', 'short', ['a'], 'ana', 0, false, 'private'],
  );
  assert.ok(record.modified > modified);
  await update({ snippet: '', tags: '', title: '', clearEmptyFields: 'true' });
  assert.deepEqual([record.snippet, record.tags, record.title, record.description], [null, [], 'Plan', 'new']);
  for (const form of [{ title: 'x'.repeat(257) }, { extent: '1,2' }, { properties: 'no' }])
    assert.deepEqual(errorOf(await update(form as unknown as Record<string, string>)), [400]);
});

test('a file, a picture and metadata come in one form, and are read as they were sent', async (t) => {
  const { keeper, org } = await openKeepers(t);
  const bytes = Buffer.from([0, 255, 13, 10, 45, 45]);
  const files = {
    file: { name: 'plän.zip', bytes },
    thumbnail: { name: 'old.png', bytes: png },
    metadata: { name: 'metadata.xml', bytes: '<metadata/>' },
  };
  const { id } = await keeper.send(`${home('ana')}/addItem`, files, { title: 'Plan', type: 'Shapefile' });
  const record = await keeper.read(at(id));
  assert.deepEqual([record['name'], record['size']], ['plän.zip', 6]);
  assert.ok((record['typeKeywords'] as string[]).includes('Metadata'));
  const read = async (path: string) => Buffer.from(await (await keeper.get(at(id, path))).arrayBuffer());
  assert.ok((await read('/data')).equals(bytes));
  assert.ok((await read(`/info/${String(record['thumbnail'])}`)).equals(png));
  assert.equal((await read('/info/metadata/metadata.xml')).toString(), '<metadata/>');
  const again = await keeper.send(`${home('ana')}/addItem`, { file: files.file }, { title: 'Twin', type: 'Shapefile' });
  assert.deepEqual(errorOf(again), [409, 'CONT_0027']);
  const broken = { thumbnail: { name: 'x.png', bytes: 'no picture' } };
  assert.deepEqual(errorOf(await keeper.send(`${of('ana', id)}/update`, broken)), [400]);
  assert.equal(org.item(String(id)).record.title, 'Plan');
});

test('a file update without the folder in its address meets the file of that name outside any folder', async (t) => {
  const { keeper, org } = await openKeepers(t);
  const folder = org.addFolder('ana', 'Maps').id;
  org.addItem({ owner: 'ana', type: 'Shapefile', title: 'Other', name: 'x.zip', data: 'other' });
  const { id } = org.addItem({
    owner: 'ana',
    folder,
    type: 'Shapefile',
    title: 'Mine',
    name: 'x.zip',
    data: 'mine',
  }).record;
  const file = { file: { name: 'x.zip', bytes: 'new' } };
  assert.equal(errorOf(await keeper.send(`${of('ana', id)}/update`, file))?.[0], 409);
  assert.equal((await keeper.send(`${home('ana')}/${folder}/items/${id}/update`, file))['success'], true);
  assert.equal(org.item(id).data?.bytes().toString(), 'new');
  const elsewhere = org.addFolder('ana', 'Empty').id;
  const lost = await keeper.send(`${home('ana')}/${elsewhere}/items/${id}/update`, file);
  assert.deepEqual(errorOf(lost), [400, 'CONT_0001']);
});

test('a wished id is ignored in silence by Online, and honoured by Enterprise unless something bears it', async (t) => {
  const { keeper, portal, org } = await openKeepers(t);
  const wish = (itemIdToCreate: string) =>
    keeper.post(`${home('ana')}/addItem`, { title: 'P', type: 'PDF', itemIdToCreate });
  const id = 'ab'.repeat(16);
  const online = await wish(id);
  assert.equal(online['success'], true);
  assert.notEqual(online['id'], id);
  portal.writing.wishedIds = 'honoured';
  assert.equal((await wish(id))['id'], id);
  org.item(id).recycled = true;
  assert.equal(errorOf(await wish(id))?.[0], 409, 'also from the bin');
});

test("the backup's account, strangers and other members change nothing", async (t) => {
  const { admin, ben, nobody, org, portal } = await openKeepers(t);
  const { record } = org.addItem({ owner: 'ana', type: 'PDF', title: 'Plan', access: 'org' });
  const before = structuredClone(record);
  const group = org.addGroup('Crew').id;
  const paths = [
    ...['update', 'addResources', 'removeResources', 'updateinfo', 'updateThumbnail', 'move', 'reassign', 'protect'],
    ...['share', 'unshare', 'delete', 'restore', 'addPart', 'commit', 'cancel', 'deleteThumbnail'],
  ].map((verb) => `${of('ana', record.id)}/${verb}`);
  const others = ['addItem', 'createFolder', 'addRelationship', 'shareItems'].map((verb) => `${home('ana')}/${verb}`);
  const ends = { originItemId: record.id, destinationItemId: record.id, relationshipType: 'Map2Service' };
  const form = { title: 'new', folder: '/', groups: group, items: record.id, ...ends };
  for (const path of [...paths, ...others]) {
    const said = await Promise.all([admin, ben, nobody].map(async (each) => each.post(path, form)));
    assert.deepEqual(errorOf(said[0] as Answer), [403, 'GWM_0003'], path);
    assert.deepEqual(errorOf(said[2] as Answer), [499, 'GWM_0003'], path);
    if (path.endsWith('shareItems')) continue;
    assert.match(String(errorOf(said[1] as Answer)), /403|CONT_0001|CONT_0295/, path);
  }
  assert.deepEqual([org.items.size, record], [1, before]);
  assert.equal(portal.writesOf('backup').length, paths.length + others.length);
  assert.equal(portal.writesOf('keeper').length, 0);
});

test('an update may show late, and a portal in read-only mode changes nothing', async (t) => {
  const { keeper, portal, org } = await openKeepers(t, { writing: { staleReads: 2 } });
  const { id } = org.addItem({ owner: 'ana', type: 'Web Map', title: 'Plan', json: { a: 1 } }).record;
  await keeper.post(`${of('ana', id)}/update`, { title: 'New', text: '{"a":2}' });
  const seen = [await keeper.read(at(id)), await keeper.read(at(id)), await keeper.read(at(id))];
  assert.deepEqual(
    seen.map((each) => each['title']),
    ['Plan', 'Plan', 'New'],
  );
  portal.writing.readOnly = true;
  assert.equal(errorOf(await keeper.post(`${of('ana', id)}/update`, { title: 'Never' }))?.[0], 403);
  assert.equal(org.item(id).record.title, 'New');
});

test('several items get categories at once; those that the schema lacks are dropped without a word', async (t) => {
  const { keeper, org } = await openKeepers(t);
  org.categories = [{ title: 'Topics', categories: [{ title: 'Water' }] }];
  const { record } = org.addItem({ owner: 'ana', type: 'PDF', title: 'Plan' });
  const categories = ['/Categories/Topics/Water', '/Categories/Nothing'];
  const items = JSON.stringify([{ [record.id]: { categories } }, { ['0'.repeat(32)]: { categories } }]);
  const { results } = await keeper.post<{ results: { success: boolean }[] }>(`${rest}/content/updateItems`, { items });
  assert.deepEqual(
    results.map(({ success }) => success),
    [true, false],
  );
  assert.deepEqual(record['categories'], ['/Categories/Topics/Water']);
  await keeper.post(at(record.id, '/setContentStatus'), { status: 'deprecated' });
  assert.equal(record['contentStatus'], 'deprecated');
});

test('what a client sends that does not know its own form is refused', async (t) => {
  const { org, portal } = await openKeepers(t);
  const { id } = org.addItem({ owner: 'ana', type: 'PDF', title: 'Plan', data: contentOf('x') }).record;
  const { token } = portal.tokens.issue('keeper', 60);
  const response = await fetch(`${portal.url}${of('ana', id)}/update?f=json&token=${token}`, {
    method: 'POST',
    body: '[object FormData]',
  });
  assert.deepEqual(errorOf((await response.json()) as Answer), [400]);
});
