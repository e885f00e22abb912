import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contentOf, fixture } from '../../support/portal/content.ts';
import { zipOf } from '../../support/portal/zip.ts';
import { errorOf, openKeepers, rest } from '../caller.ts';

const of = (owner: string, id: string) => `${rest}/content/users/${owner}/items/${id}`;
const at = (id: string, rest_ = '') => `${rest}/content/items/${id}${rest_}`;
const file = (name: string, bytes: Buffer | string) => ({ file: { name, bytes } });

test('a resource is added once, updated only when it is there, and removed by its path or with all others', async (t) => {
  const { keeper, org } = await openKeepers(t);
  const item = org.addItem({ owner: 'ana', type: 'StoryMap', title: 'Story' });
  const path = of('ana', item.record.id);
  const add = (form: Record<string, string>, bytes = 'one') =>
    keeper.send(`${path}/addResources`, file('a.png', bytes), form);
  const { success, itemId, owner, folder } = await add({
    resourcesPrefix: 'images',
    fileName: 'b.png',
    access: 'private',
  });
  assert.deepEqual([success, itemId, owner, folder], [true, item.record.id, 'ana', null]);
  assert.equal(errorOf(await add({ resourcesPrefix: 'images', fileName: 'b.png' }))?.[0], 400);
  const update = (name: string) =>
    keeper.send(`${path}/updateResources`, file(name, 'two'), { resourcesPrefix: 'images' });
  assert.deepEqual(errorOf(await update('none.png')), [400, 'CONT_0043']);
  await update('b.png');
  await keeper.post(`${path}/addResources`, { fileName: 'config.json', text: '{}' });
  const list = await keeper.read<{ resources: object[] }>(at(item.record.id, '/resources'));
  assert.deepEqual(
    list.resources.map((each) => ({ ...each, created: 0 })),
    [
      { resource: 'images/b.png', created: 0, size: 3, access: 'private' },
      { resource: 'config.json', created: 0, size: 2, access: 'inherit' },
    ],
  );
  await keeper.post(`${path}/removeResources`, { resource: 'images/b.png' });
  assert.deepEqual([...item.resources.keys()], ['config.json']);
  await keeper.post(`${path}/removeResources`, { deleteAll: 'true' });
  assert.equal(item.resources.size, 0);
  assert.equal(errorOf(await keeper.send(`${path}/addResources`, file('run.exe', 'x')))?.[0], 400);
});

test('a zip is unpacked into resources; every third of them may be said to be there and is not', async (t) => {
  const { keeper, org } = await openKeepers(t, { writing: { loseResource: 3 } });
  const item = org.addItem({ owner: 'ana', type: 'StoryMap', title: 'Story' });
  const names = ['a.png', 'images/b.png', 'c.json', 'd.json'];
  const zip = zipOf(names.map((name) => [name, Buffer.from(name)]));
  const answer = await keeper.send(`${of('ana', item.record.id)}/addResources`, file('all.zip', zip), {
    archive: 'true',
  });
  assert.equal(answer['success'], true);
  assert.deepEqual([...item.resources.keys()], ['a.png', 'images/b.png', 'd.json']);
  assert.equal(item.resources.get('images/b.png')?.content.bytes().toString(), 'images/b.png');
});

test('a file in parts is the file of the item after its commit, in the order of the numbers', async (t) => {
  const { keeper, portal, org } = await openKeepers(t, { writing: { leastPart: 3, commitPolls: 1 } });
  const begin = { title: 'Plan', type: 'File Geodatabase', multipart: 'true', filename: 'big.gdb.zip', async: 'true' };
  const id = String((await keeper.post(`${rest}/content/users/ana/addItem`, begin))['id']);
  const path = of('ana', id);
  const part = (n: number, bytes: string) => keeper.send(`${path}/addPart?partNum=${n}`, file('big.gdb.zip', bytes));
  await part(2, 'ef');
  await part(1, 'xyz');
  await part(1, 'abcd');
  const status = async () => (await keeper.read(`${path}/status`))['status'];
  assert.equal(await status(), 'partial');
  assert.equal((await keeper.post(`${path}/commit`, { id, type: 'File Geodatabase', async: 'true' }))['success'], true);
  assert.equal(errorOf(JSON.parse(await (await keeper.get(at(id, '/data'))).text()) as never)?.[0], 400);
  assert.deepEqual([await status(), await status()], ['processing', 'completed']);
  assert.equal(await (await keeper.get(at(id, '/data'))).text(), 'abcdef');
  assert.deepEqual([org.item(id).record.size, org.item(id).record.name], [6, 'big.gdb.zip']);
  assert.equal(errorOf(await part(3, 'late'))?.[0], 400, 'nothing is under way any more');

  const update = { multipart: 'true', filename: 'big.gdb.zip', async: 'true' };
  portal.writing.commitEnds = 'failed';
  await keeper.post(`${path}/update`, update);
  await part(1, 'ab');
  await part(2, 'c');
  assert.equal(
    errorOf(await keeper.post(`${path}/commit`, { async: 'true' }))?.[0],
    400,
    'a first part that is too small',
  );
  await part(1, 'new');
  await keeper.post(`${path}/commit`, { async: 'true' });
  assert.deepEqual([await status(), await status()], ['processing', 'failed']);
  assert.equal(await (await keeper.get(at(id, '/data'))).text(), 'abcdef', 'what was there is there');
  await keeper.post(`${path}/update`, update);
  await keeper.post(`${path}/cancel`);
  assert.equal(await status(), 'completed');
});

test('thumbnails and info files are put and taken away', async (t) => {
  const { keeper, org } = await openKeepers(t);
  const { record, infos } = org.addItem({ owner: 'ana', type: 'Form', title: 'Survey' });
  const path = of('ana', record.id);
  await keeper.send(`${path}/updateThumbnail`, file('t.png', fixture('thumbnail.png').bytes()));
  assert.ok(
    infos
      .get(record.thumbnail ?? '')
      ?.bytes()
      .equals(fixture('thumbnail.png').bytes()),
  );
  await keeper.send(`${path}/updateinfo`, file('form.json', '{}'));
  await keeper.send(`${path}/updateinfo`, file('a.txt', 'x'), { folderName: 'more' });
  assert.deepEqual([...infos.keys()], [record.thumbnail, 'form.json', 'more/a.txt']);
  const large = file('form.json', 'x'.repeat(100 * 1024 + 1));
  assert.equal(errorOf(await keeper.send(`${path}/updateinfo`, large))?.[0], 400);
  await keeper.post(`${path}/deleteThumbnail`);
  assert.deepEqual([record.thumbnail, infos.size], [null, 2]);
});

test('a relation is there once, seen from both ends, and goes on both', async (t) => {
  const { keeper, org } = await openKeepers(t);
  const [from, to] = ['Form', 'PDF'].map((type) => org.addItem({ owner: 'ana', type, title: type }).record.id) as [
    string,
    string,
  ];
  const form = { originItemId: from, destinationItemId: to, relationshipType: 'Survey2Service' };
  const post = (verb: string) => keeper.post(`${rest}/content/users/ana/${verb}`, form);
  assert.deepEqual(await post('addRelationship'), { success: true });
  assert.equal(errorOf(await post('addRelationship'))?.[0], 400);
  const ends = () =>
    [org.item(from).relations, org.item(to).relations].map((each) => each.map(({ direction }) => direction));
  assert.deepEqual(ends(), [['forward'], ['reverse']]);
  assert.deepEqual(await post('deleteRelationship'), { success: true });
  assert.deepEqual(ends(), [[], []]);
});

test('an answer is lost though the portal did what it was asked, at the write that a test says', async (t) => {
  const { keeper, portal, org } = await openKeepers(t);
  const { record } = org.addItem({ owner: 'ana', type: 'PDF', title: 'Plan', data: contentOf('x') });
  const update = (title: string) => keeper.post(`${of('ana', record.id)}/update`, { title });
  portal.faults.add({ match: ({ kind, who }) => kind === 'write' && who === 'keeper', skip: 1, answer: 'lost' });
  await update('A');
  await assert.rejects(update('B'));
  assert.equal(record.title, 'B');
  portal.faults.add({ match: /\/update$/, answer: { says: { success: false } } });
  assert.deepEqual(await update('C'), { success: false });
  assert.equal(record.title, 'B');
});
