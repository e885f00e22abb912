import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorOf, openKeepers, rest } from '../caller.ts';

const home = (owner: string) => `${rest}/content/users/${owner}`;
const of = (owner: string, id: string) => `${home(owner)}/items/${id}`;

test('a folder is made once by its title, and deleted with what it holds unless that is protected', async (t) => {
  const { keeper, org } = await openKeepers(t);
  const make = (title: string) => keeper.post(`${home('ana')}/createFolder`, { title });
  const { folder, success } = await make('Maps');
  const { id, username, title } = folder as Record<string, string>;
  assert.deepEqual([success, username, title], [true, 'ana', 'Maps']);
  assert.deepEqual((await make('Maps')).error?.details, ["Folder title 'Maps' not available."]);
  const item = org.addItem({ owner: 'ana', folder: id ?? '', type: 'PDF', title: 'Plan', protected: true });
  assert.equal(errorOf(await keeper.post(`${home('ana')}/${id}/delete`))?.[0], 400);
  item.record.protected = false;
  await keeper.post(`${home('ana')}/${id}/delete`);
  assert.deepEqual([org.folders.get('ana'), item.recycled, item.record.ownerFolder], [[], true, null]);
});

test('an item moves into a folder of its owner and out of it, and its time stays', async (t) => {
  const { keeper, org } = await openKeepers(t);
  const folder = org.addFolder('ana', 'Maps').id;
  const strange = org.addFolder('ben', 'Maps').id;
  const { record } = org.addItem({ owner: 'ana', type: 'PDF', title: 'Plan' });
  const { modified } = record;
  const move = (to: string) => keeper.post(`${of('ana', record.id)}/move`, { folder: to });
  assert.deepEqual(await move(folder), { success: true, itemId: record.id, owner: 'ana', folder });
  assert.equal(errorOf(await move(strange))?.[0], 400);
  assert.equal(record.ownerFolder, folder);
  await move('/');
  assert.deepEqual([record.ownerFolder, record.modified], [null, modified]);
});

test('reassigning makes the folder that it names; who may own nothing or sees not all groups is refused', async (t) => {
  const { keeper, ana, org } = await openKeepers(t);
  org.addMember('viewer', { role: 'org_user' });
  const { record } = org.addItem({ owner: 'ana', type: 'PDF', title: 'Plan' });
  const reassign = (targetUsername: string, by = keeper) =>
    by.post(`${of('ana', record.id)}/reassign`, { targetUsername, targetFolderName: 'From ana' });
  assert.equal(errorOf(await reassign('ben', ana))?.[0], 403, 'for administrators');
  assert.equal(errorOf(await reassign('viewer'))?.[0], 400);
  assert.equal(errorOf(await reassign('nobody'))?.[0], 400);
  const group = org.addGroup('Crew', { members: new Set(['ana']) });
  org.share(record.id, group.id);
  assert.equal(errorOf(await reassign('ben'))?.[0], 400);
  group.members.add('ben');
  assert.equal((await reassign('ben'))['success'], true);
  assert.deepEqual([record.owner, org.folders.get('ben')?.map(({ title }) => title)], ['ben', ['From ana']]);
  assert.equal(errorOf(await reassign('ben'))?.[0], 400, 'ana has it no more');
});

test('a closed item goes to groups of its owner alone; shared update must be confirmed', async (t) => {
  const { keeper, org } = await openKeepers(t);
  const { record, groups } = org.addItem({ owner: 'ana', type: 'PDF', title: 'Plan' });
  const own = org.addGroup('Own', { members: new Set(['ana']) }).id;
  const strange = org.addGroup('Strange').id;
  const update = org.addGroup('Update', { owner: 'ana', capabilities: ['updateitemcontrol'] }).id;
  const share = (form: Record<string, string>) => keeper.post(`${of('ana', record.id)}/share`, form);
  const all = { groups: [own, strange, update].join(), everyone: 'false', org: 'false' };
  assert.deepEqual((await share(all))['notSharedWith'], [strange, update]);
  assert.deepEqual((await share({ ...all, confirmItemControl: 'true' }))['notSharedWith'], [strange]);
  assert.deepEqual([[...groups], record.access], [[own, update], 'shared']);
  assert.deepEqual((await share({ ...all, org: 'true' }))['notSharedWith'], [update]);
  assert.deepEqual([record.access, groups.has(strange)], ['org', true]);
});

test('the bin gives an item back under its id, but without sharing, metadata and categories', async (t) => {
  const { keeper, org } = await openKeepers(t);
  const folder = org.addFolder('ana', 'Maps').id;
  const item = org.addItem({ owner: 'ana', type: 'PDF', title: 'Plan', metadata: '<metadata/>', access: 'org' });
  const path = of('ana', item.record.id);
  org.share(item.record.id, org.addGroup('Crew').id);
  item.record['categories'] = ['/Categories/A'];
  assert.equal(errorOf(await keeper.post(`${path}/restore`))?.[1], 'CONT_0295');
  await keeper.post(`${path}/delete`);
  const { items } = await keeper.read(home('ana'), { inRecycleBin: 'true' });
  assert.deepEqual(
    items.map(({ id }) => id),
    [item.record.id],
  );
  assert.deepEqual(await keeper.read(`${path}/canRestore`), { itemId: item.record.id, success: true });
  assert.deepEqual(await keeper.post(`${path}/restore`, { folder }), { itemId: item.record.id, success: true });
  const { access, categories, ownerFolder } = item.record;
  assert.deepEqual(
    [access, categories, ownerFolder, item.metadata, item.groups.size],
    ['private', [], folder, null, 0],
  );
});

test('a view waits in the bin for its source, and a source is not deleted before its views', async (t) => {
  const { keeper, org } = await openKeepers(t);
  const source = org.addService({ owner: 'ana', title: 'Parcels', layers: ['A'] }).record.id;
  const view = org.addService({ owner: 'ana', title: 'View', layers: ['A'], viewOf: source }).record.id;
  assert.match((await keeper.post(`${of('ana', source)}/delete`)).error?.message ?? '', /related Service item/);
  for (const id of [view, source]) await keeper.post(`${of('ana', id)}/delete`);
  const answer = await keeper.read(`${of('ana', view)}/canRestore`);
  assert.deepEqual(
    [answer['success'], answer.error],
    [
      false,
      {
        code: 400,
        messageCode: 'CONT_00486',
        message: 'Unable to restore item. This service item has a required related Service item in recycle bin.',
        offendingItems: [{ itemId: source, title: 'Parcels', type: 'Feature Service' }],
      },
    ],
  );
  assert.equal(errorOf(await keeper.post(`${of('ana', view)}/restore`))?.[0], 500);
  for (const id of [source, view]) assert.equal((await keeper.post(`${of('ana', id)}/restore`))['success'], true);
});

test('without a bin, or of a type that it does not take, deleting is for good', async (t) => {
  const { keeper, org, portal } = await openKeepers(t, { writing: { binRefuses: ['CSV'] } });
  const [csv, pdf] = ['CSV', 'PDF'].map((type) => org.addItem({ owner: 'ana', type, title: type }).record.id) as [
    string,
    string,
  ];
  assert.equal((await keeper.read(`${of('ana', csv)}/canRecycle`)).error?.messageCode, 'CONT_0298');
  portal.writing.bin = 'off';
  for (const id of [csv, pdf]) await keeper.post(`${of('ana', id)}/delete`);
  assert.equal(org.items.size, 0);
});
