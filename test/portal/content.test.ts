import assert from 'node:assert/strict';
import { test } from 'node:test';
import { largeOrganization } from '../support/demo-organization.ts';
import { listingFault, type ListingFault } from '../support/portal/listing-faults.ts';
import type { Organization } from '../support/portal/organization.ts';
import { errorOf, openCallers, rest, type Answer, type Caller } from './caller.ts';

const ana = `${rest}/content/users/ana`;

/** Maps of ana, outside any folder. */
function addMaps(org: Organization, count: number, folder: string | null = null): string[] {
  return Array.from(
    { length: count },
    (_, n) => org.addItem({ owner: 'ana', type: 'Web Map', title: `Map ${n}`, json: { n }, folder }).record.id,
  );
}

async function pages(caller: Caller, path: string, params: Record<string, string> = {}): Promise<Answer[]> {
  const all: Answer[] = [];
  for (let start = 1; start > 0; start = all.at(-1)?.nextStart ?? -1)
    all.push(await caller.read(path, { start: String(start), num: '100', ...params }));
  return all;
}

test('a page has 10 items unless asked, never more than 100, and the last one says nextStart -1', async (t) => {
  const { admin, org } = await openCallers(t);
  addMaps(org, 205);
  const shape = async (params: Record<string, string>) => {
    const { total, start, num, nextStart, items } = await admin.read(ana, params);
    return [total, start, num, nextStart, items.length];
  };
  assert.deepEqual(await shape({ start: '1' }), [205, 1, 10, 11, 10]);
  assert.deepEqual(await shape({ num: '500' }), [205, 1, 100, 101, 100]);
  assert.deepEqual(await shape({ start: '201', num: '100' }), [205, 201, 100, -1, 5], 'num is no count of the items');
  assert.deepEqual(await shape({ start: '106', num: '100' }), [205, 106, 100, -1, 100], 'the last page may be full');
});

test('without start and num a page has 1,000 items, and num counts them', async (t) => {
  const { admin, org } = await openCallers(t);
  addMaps(org, 1001);
  const { total, num, nextStart, items } = await admin.read(ana);
  assert.deepEqual([total, num, nextStart, items.length], [1001, 1000, 1001, 1000]);
  org.addItem({ owner: 'ben', type: 'Web Map', title: 'Only one', json: {} });
  assert.equal((await admin.read(`${rest}/content/users/ben`)).num, 1);
});

test('the root holds what lies outside folders, a folder what lies in it, foldersContent all', async (t) => {
  const { admin, org, portal } = await openCallers(t);
  const folder = org.addFolder('ana', 'None').id;
  org.addFolder('ana', 'Empty');
  addMaps(org, 2);
  addMaps(org, 3, folder);
  const root = await admin.read(ana);
  assert.deepEqual([root.total, root.items.length, root['currentFolder']], [2, 2, null]);
  assert.deepEqual(
    (root['folders'] as { title: string }[]).map(({ title }) => title),
    ['None', 'Empty'],
  );
  const inside = await admin.read(`${ana}/${folder}`);
  assert.deepEqual([inside.total, inside.items.length, 'folders' in inside], [3, 3, false]);
  assert.ok(inside.items.every(({ ownerFolder }) => ownerFolder === folder));
  assert.equal((await admin.read(ana, { foldersContent: 'true' })).items.length, 5);
  portal.behaviour.foldersContent = false;
  assert.equal((await admin.read(ana, { foldersContent: 'true' })).items.length, 2, 'an older portal ignores it');
  portal.behaviour.rootTotal = 'all';
  const counted = await admin.read(ana);
  assert.deepEqual([counted.total, counted.items.length], [5, 2], 'total may count what is not listed');
});

test("a member's content is for the member and administrators; a refusal is an error, never an empty list", async (t) => {
  const { admin, ana: own, ben, nobody, portal } = await openCallers(t);
  assert.equal(errorOf(await own.read(ana)), undefined);
  assert.equal(errorOf(await admin.read(ana)), undefined);
  assert.deepEqual(errorOf(await ben.read(ana)), [403, 'GWM_0003']);
  assert.deepEqual(errorOf(await nobody.read(ana)), [499, 'GWM_0003']);
  assert.deepEqual(errorOf(await admin.read(`${rest}/content/users/gone`)), [400]);
  assert.deepEqual(errorOf(await admin.read(`${ana}/${'a'.repeat(32)}`)), [400]);
  portal.behaviour.silentAnonymous = true;
  assert.deepEqual((await nobody.read(ana)).items, [], 'the trap of a portal that answers strangers');
});

test('what is in the recycle bin is listed there and nowhere else', async (t) => {
  const { admin, org } = await openCallers(t);
  const [kept, gone] = addMaps(org, 2);
  org.item(gone ?? '').recycled = true;
  const ids = async (params: Record<string, string>) => (await admin.read(ana, params)).items.map(({ id }) => id);
  assert.deepEqual(await ids({}), [kept]);
  assert.deepEqual(await ids({ foldersContent: 'true' }), [kept]);
  assert.deepEqual(await ids({ inRecycleBin: 'true' }), [gone]);
  assert.deepEqual(errorOf(await admin.read(`${rest}/content/items/${gone}`)), [400, 'CONT_0001']);
});

for (const kind of ['insertBetweenPages', 'deleteBetweenPages', 'wrongTotal', 'duplicate'] satisfies ListingFault[]) {
  test(`a listing with ${kind} does not add up, and the next one does`, async (t) => {
    const { admin, org, portal } = await openCallers(t);
    addMaps(org, 150);
    portal.faults.add(listingFault(org, kind));
    const listing = async () => {
      const all = await pages(admin, ana);
      const ids = all.flatMap(({ items }) => items.map(({ id }) => id));
      return { ids, isWhole: new Set(ids).size === ids.length && all.every(({ total }) => total === ids.length) };
    };
    assert.equal((await listing()).isWhole, false);
    const { ids, isWhole } = await listing();
    assert.ok(isWhole);
    assert.deepEqual(ids.sort(), [...org.items.keys()].sort());
  });
}

test('a member may seem to have nothing, in a listing that adds up', async (t) => {
  const { admin, org, portal } = await openCallers(t);
  addMaps(org, 3);
  portal.faults.add(listingFault(org, 'empty'));
  const seen = await admin.read(ana);
  assert.deepEqual([seen.total, seen.items.length, seen['nextStart']], [0, 0, -1]);
  assert.equal((await admin.read(ana)).items.length, 3);
});

test('pages are as small as a test wants them', async (t) => {
  const { admin, org } = await openCallers(t, { behaviour: { mostOnPage: 2 } });
  addMaps(org, 5);
  assert.deepEqual(
    (await pages(admin, ana)).map(({ items }) => items.length),
    [2, 2, 1],
  );
});

test('sortField and sortOrder order a listing; otherwise it is the order of arrival', async (t) => {
  const { admin, org } = await openCallers(t);
  for (const title of ['B', 'A', 'C']) org.addItem({ owner: 'ana', type: 'Web Map', title, json: {} });
  const titles = async (params: Record<string, string>) =>
    (await admin.read(ana, params)).items.map(({ title }) => title).join('');
  assert.equal(await titles({}), 'BAC');
  assert.equal(await titles({ sortField: 'title' }), 'ABC');
  assert.equal(await titles({ sortField: 'created', sortOrder: 'desc' }), 'CAB');
});

test('more than 100 members take more than one page, system users only if asked for', async (t) => {
  const org = largeOrganization({ members: 131, items: 0 });
  org.addMember('esri_boundaries');
  const { admin } = await openCallers(t, { org });
  const users = `${rest}/portals/self/users`;
  const { total, nextStart } = await admin.read(users, { num: '200' });
  assert.deepEqual([total, nextStart], [135, 101]);
  const names = (await pages(admin, users, { excludeSystemUsers: 'true' })).flatMap(
    (page) => page['users'] as { username: string }[],
  );
  assert.equal(names.length, 134);
  assert.ok(!names.some(({ username }) => username.startsWith('esri_')));
});
