import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixture } from '../../support/portal/content.ts';
import { errorOf, openKeepers, rest } from '../caller.ts';

const community = `${rest}/community`;

test('a group belongs to whoever makes it, under an id of the portal, and its title is unique with its owner', async (t) => {
  const { ana, ben, admin, org } = await openKeepers(t);
  const form = {
    title: 'Crew',
    access: 'org',
    tags: 'field,source-abc',
    typeKeywords: 'k',
    properties: '{"a":1}',
    id: '0'.repeat(32),
  };
  const { group, success } = await ana.post<{ group: Record<string, unknown>; success: boolean }>(
    `${community}/createGroup`,
    form,
  );
  const { id, owner, title, access, tags, properties } = group;
  assert.notEqual(id, form.id);
  assert.deepEqual(
    [success, owner, title, access, tags, properties],
    [true, 'ana', 'Crew', 'org', ['field', 'source-abc'], { a: 1 }],
  );
  const again = await ana.post(`${community}/createGroup`, form);
  assert.equal(again.error?.message, "You already have a group named 'Crew'. Try a different name.");
  const other = await ben.post<{ group: { id: string } }>(`${community}/createGroup`, { title: 'Crew' });
  const found = async (q: string) => (await admin.read(`${community}/groups`, { q })).results.map((each) => each.id);
  assert.deepEqual([await found('tags:"source-abc"'), await found('owner:ben')], [[id], [other.group.id]]);
  assert.deepEqual(errorOf(await admin.post(`${community}/createGroup`, { title: 'Never' })), [403, 'GWM_0003']);
  const update = { title: 'U', capabilities: 'updateitemcontrol' };
  assert.deepEqual(errorOf(await ana.post(`${community}/createGroup`, update)), [403, 'GWM_0003']);
  assert.equal(org.groups.size, 2);
});

test('a group is updated in what is named, and keeps the capabilities that it was made with', async (t) => {
  const { keeper, ben, org } = await openKeepers(t);
  const { group } = await keeper.post<{ group: { id: string } }>(`${community}/createGroup`, {
    title: 'Crew',
    snippet: 's',
  });
  const path = `${community}/groups/${group.id}`;
  assert.deepEqual(errorOf(await ben.post(`${path}/update`, { title: 'Mine' })), [403, 'GWM_0003']);
  const thumbnail = { name: 'g.png', bytes: fixture('thumbnail.png').bytes() };
  const form = { description: 'd', snippet: '', capabilities: 'updateitemcontrol' };
  assert.equal((await keeper.send(`${path}/update`, { thumbnail }, form))['success'], true);
  const { description, snippet, capabilities, thumbnail: name } = await keeper.read(path);
  assert.deepEqual([description, snippet, capabilities], ['d', 's', undefined]);
  const picture = await keeper.get(`${path}/info/${String(name)}`);
  assert.ok(Buffer.from(await picture.arrayBuffer()).equals(thumbnail.bytes));
  await keeper.post(`${path}/protect`);
  assert.equal(errorOf(await keeper.post(`${path}/delete`))?.[0], 400);
  await keeper.post(`${path}/unprotect`);
  const { record } = org.addItem({ owner: 'ana', type: 'PDF', title: 'Plan' });
  org.share(record.id, group.id);
  await keeper.post(`${path}/delete`);
  assert.deepEqual([org.groups.size, org.item(record.id).groups.size], [0, 0]);
});

test('members are added at most 25 at a time, and those are named who were not', async (t) => {
  const { keeper, portal, org } = await openKeepers(t);
  org.addMember('shy');
  portal.writing.notAdded = ['shy'];
  const { id } = org.addGroup('Crew', { owner: 'keeper' });
  const path = `${community}/groups/${id}`;
  assert.deepEqual(await keeper.post(`${path}/addUsers`, { users: 'ana,shy,gone', admins: 'ben' }), {
    notAdded: ['shy', 'gone'],
  });
  const many = Array.from({ length: 26 }, (_, n) => `u${n}`).join();
  assert.equal(errorOf(await keeper.post(`${path}/addUsers`, { users: many }))?.[0], 400);
  assert.deepEqual(await keeper.read(`${path}/users`), {
    owner: 'keeper',
    admins: ['keeper', 'ben'],
    users: ['ana', 'ben'],
  });
  assert.deepEqual(await keeper.post(`${path}/updateUsers`, { admins: 'ana', users: 'ben' }), {
    results: [
      { username: 'ana', success: true },
      { username: 'ben', success: true },
    ],
  });
  assert.deepEqual(await keeper.post(`${path}/removeUsers`, { users: 'ben,shy' }), { notRemoved: ['shy'] });
  assert.equal((await keeper.post(`${path}/reassign`, { targetUsername: 'ana' }))['success'], true);
  const { owner, admins } = await keeper.read(`${path}/users`);
  assert.deepEqual([owner, admins], ['ana', ['ana', 'keeper']]);
  await keeper.post(`${path}/invite`, { users: 'outsider', role: 'group_member' });
  assert.deepEqual(org.invitations, [{ username: 'outsider', groupId: id }]);
});

test('the schema of categories is put as a whole, by who may', async (t) => {
  const { keeper, admin, org } = await openKeepers(t);
  const path = `${rest}/portals/self`;
  assert.deepEqual(await admin.read(`${path}/categorySchema`), { categorySchema: [] });
  const categorySchema = [{ title: 'Categories', categories: [{ title: 'Water', categories: [] }] }];
  const form = { categorySchema: JSON.stringify({ categorySchema }) };
  assert.deepEqual(errorOf(await admin.post(`${path}/assignCategorySchema`, form)), [403, 'GWM_0003']);
  assert.deepEqual(await keeper.post(`${path}/assignCategorySchema`, form), { success: true });
  assert.deepEqual(await admin.read(`${path}/categorySchema`), { categorySchema });
  assert.deepEqual(org.categories, [{ title: 'Water', categories: [] }]);
});

test('the search finds an item by its mark, or not yet', async (t) => {
  const { keeper, portal } = await openKeepers(t);
  const form = { title: 'Plan', type: 'PDF', typeKeywords: 'source-abc' };
  const { id } = await keeper.post(`${rest}/content/users/ana/addItem`, form);
  const found = async () =>
    (await keeper.read(`${rest}/search`, { q: 'typekeywords:"source-abc"' })).results.map((each) => each.id);
  assert.deepEqual(await found(), [id]);
  portal.writing.searchLags = true;
  assert.deepEqual(await found(), []);
});

test('portals/self tells of the bin where it was switched on, and of read-only mode', async (t) => {
  const { keeper, portal } = await openKeepers(t);
  const said = async () => {
    const { recycleBinSupported, recycleBinEnabled, isReadOnly } = await keeper.read(`${rest}/portals/self`);
    return [recycleBinSupported, recycleBinEnabled, isReadOnly];
  };
  assert.deepEqual(await said(), [undefined, undefined, undefined]);
  Object.assign(portal.writing, { tellsBin: true, bin: 'off', readOnly: true });
  assert.deepEqual(await said(), [true, false, true]);
});
