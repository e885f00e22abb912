import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { fixture } from '../support/portal/content.ts';
import type { Group } from '../support/portal/words.ts';
import { newWorld, type World } from '../support/restore.ts';

/** A group with everything that one may have, sixty members, and two maps that are shared with it; a backup of it. */
async function newCrew(t: TestContext) {
  const world = await newWorld(t);
  const { org, portal } = world;
  portal.writing.bin = 'off';
  for (const name of ['ana', 'ben']) org.addMember(name);
  const crew = Array.from({ length: 58 }, (_, n) => `member${n}`);
  for (const name of crew) org.addMember(name);
  const group = org.addGroup('Field crew', {
    owner: 'ana',
    access: 'private',
    members: new Set(['ben', ...crew]),
    admins: new Set(['ben']),
    capabilities: ['updateitemcontrol'],
    picture: fixture('thumbnail.png'),
    more: {
      thumbnail: 'crew.png',
      tags: ['field'],
      snippet: 'Who works outside',
      description: null,
      isInvitationOnly: true,
      typeKeywords: ['Crew'],
      properties: { color: 'green' },
      membershipAccess: 'org',
      protected: true,
    },
  });
  const [one, other] = ['One', 'Other'].map((title) => {
    const { id } = org.addItem({ owner: 'ana', type: 'Web Map', title, json: { title } }).record;
    org.share(id, group.id);
    return id;
  }) as [string, string];
  await world.backup();
  return { world, group, one, other };
}

/** What of a group is to come back. */
function imageOf({ title, owner, access, members, admins, capabilities, picture, more }: Group) {
  const { tags, modified: _modified, thumbnail: _thumbnail, ...fields } = more ?? {};
  const own = (tags as string[]).filter((tag) => !/^(?:source|restore)-/.test(tag));
  return {
    ...{ title, owner, access, capabilities, fields, tags: own, picture: picture?.sha256() ?? null },
    members: [...members].sort(),
    admins: [...(admins ?? [])].sort(),
  };
}

function deleteGroup({ org }: World, group: Group) {
  for (const id of [...group.items]) org.unshare(id, group.id);
  org.groups.delete(group.id);
}

test('a group that is gone comes back with members and what was shared with it, once, and items follow its new id', async (t) => {
  const { world, group, one, other } = await newCrew(t);
  const { org } = world;
  const before = imageOf(group);
  deleteGroup(world, group);
  org.deleteItem(other);
  const result = await world.restore({ groups: ['field crew'], items: [other] });
  assert.equal(result.outcome, 'complete', JSON.stringify(result.items));
  const [made] = org.groups.values();
  assert.ok(made !== undefined && org.groups.size === 1);
  assert.equal(result.ids[group.id], made.id);
  assert.deepEqual([...made.items].sort(), [one, result.ids[other] ?? ''].sort());
  assert.deepEqual({ ...imageOf(made).fields }, withoutNull(before.fields));
  assert.deepEqual({ ...imageOf(made), fields: null }, { ...before, fields: null });
  const again = await world.restore({ items: [], groups: [group.id] });
  assert.equal(again.outcome, 'complete', JSON.stringify(again.items));
  assert.equal(org.groups.size, 1);
  const own = world.restores();
  const undone = await own.start(await own.planUndo(result.restoreId));
  assert.equal(undone.outcome, 'complete', JSON.stringify(undone.items));
  assert.deepEqual([org.groups.size, [...org.items.keys()], org.item(one).groups.size], [0, [one], 0]);
});

const withoutNull = (fields: object) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));

test('a group that lives is put back in place, who came since stays, and undoing gives back what was', async (t) => {
  const { world, group, one } = await newCrew(t);
  const { org } = world;
  org.addMember('cleo');
  group.picture = fixture('logo.png');
  Object.assign(group, { title: 'Oops', members: new Set(['ben', 'cleo']), admins: new Set() });
  group.more = { ...group.more, tags: ['x'], properties: null, protected: false };
  org.unshare(one, group.id);
  const spoiled = structuredClone({ ...imageOf(group), items: [...group.items] });
  const narrow = await world.restores().plan({ items: [], groups: [group.id] });
  assert.deepEqual(
    narrow.plan.warnings.map(({ code }) => code),
    ['SHARED_WIDER'],
  );
  const result = await world.restore({ items: [], groups: [group.id], widenSharing: true });
  assert.equal(result.outcome, 'complete', JSON.stringify(result.items));
  const { title, members, admins, fields, picture } = imageOf(group);
  assert.deepEqual(
    [title, members.length, admins, fields['properties'], group.items.has(one), fields['protected'], picture],
    ['Field crew', 60, ['ben'], { color: 'green' }, true, true, fixture('thumbnail.png').sha256()],
  );
  const own = world.restores();
  const undone = await own.start(await own.planUndo(result.restoreId));
  assert.equal(undone.outcome, 'complete', JSON.stringify(undone.items));
  assert.deepEqual(structuredClone({ ...imageOf(group), items: [...group.items] }), spoiled);
});

test('a group without a picture has none again; a picture that the archive does not have is left as it is', async (t) => {
  const { world, group } = await newCrew(t);
  const image = () => [group.picture?.sha256(), group.more?.['thumbnail'] ?? null];
  group.picture = fixture('logo.png');
  const result = await world.restore({ items: [], groups: [group.id] });
  assert.deepEqual([result.outcome, image()[0]], ['complete', fixture('thumbnail.png').sha256()]);
  delete group.picture;
  group.more = { ...group.more, thumbnail: null, modified: 5 };
  await world.backup();
  group.picture = fixture('logo.png');
  group.more = { ...group.more, thumbnail: 'logo.png' };
  const other = await world.restore({ items: [], groups: [group.id] });
  assert.deepEqual([other.outcome, ...image()], ['complete', undefined, null], JSON.stringify(other.items));
  const own = world.restores();
  assert.equal((await own.start(await own.planUndo(other.restoreId))).outcome, 'complete');
  assert.equal(image()[0], fixture('logo.png').sha256());
  const fault = world.portal.faults.add({ match: /info\/.*png/, times: Infinity, answer: { status: 403, body: '' } });
  group.more = { ...group.more, modified: 6 };
  group.picture = fixture('thumbnail.png');
  await world.backup();
  fault.remove();
  const { plan } = await world.restores().plan({ items: [], groups: [group.id] });
  assert.deepEqual(plan.items[0]?.steps, []);
});

test('whom the portal does not add is named, and the group is different', async (t) => {
  const { world, group } = await newCrew(t);
  world.portal.writing.notAdded = ['member7'];
  deleteGroup(world, group);
  const result = await world.restore({ items: [], groups: [group.id] });
  const [first] = result.items;
  assert.deepEqual([first?.outcome, first?.differences], ['different', [{ part: 'members', what: 'without member7' }]]);
});
