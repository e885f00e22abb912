import assert from 'node:assert/strict';
import { test } from 'node:test';
import { portalPair, readAll, readToEnd } from '../../support/open-portal.ts';
import { listingFault, type ListingFault } from '../../support/portal/listing-faults.ts';
import { Organization } from '../../support/portal/organization.ts';

/** 250 items outside, 120 in one folder, an empty folder. */
function manyItems(): Organization {
  const org = new Organization();
  org.addMember('ana');
  const folder = org.addFolder('ana', 'Maps').id;
  org.addFolder('ana', 'Empty');
  for (let n = 0; n < 370; n++) {
    org.addItem({ owner: 'ana', type: 'Web Map', title: 'Map', json: { n }, folder: n < 250 ? null : folder });
  }
  return org;
}

for (const foldersContent of [true, false]) {
  for (const rootTotal of ['root', 'all'] as const) {
    test(`370 items of one member are all listed (foldersContent ${foldersContent}, total ${rootTotal})`, async (t) => {
      const { sim, portal } = await portalPair(t, { org: manyItems(), behaviour: { foldersContent, rootTotal } });
      const items = await readAll(portal, 'ana');
      assert.equal(new Set(items.map(({ id }) => id)).size, 370);
      assert.equal(items.filter(({ ownerFolder }) => ownerFolder !== null).length, 120);
      assert.ok(sim.log.count(/content\/users/) <= 10);
    });
  }
}

for (const kind of ['insertBetweenPages', 'deleteBetweenPages', 'wrongTotal', 'duplicate'] satisfies ListingFault[]) {
  test(`a listing with ${kind} is read again until it closes`, async (t) => {
    const { sim, portal } = await portalPair(t, { org: manyItems() });
    sim.faults.add(listingFault(sim.org, kind));
    const items = await readAll(portal, 'ana');
    assert.deepEqual(
      items.map(({ id }) => id).sort(),
      sim.org.shelves
        .all('ana')
        .map(({ record }) => record.id)
        .sort(),
    );
  });

  test(`a listing with ${kind} each time gives what it has after the third time, each item once, and says that it is not whole`, async (t) => {
    const { sim, portal } = await portalPair(t, { org: manyItems() });
    sim.faults.add(listingFault(sim.org, kind, undefined, Infinity));
    const listing = portal.content('ana');
    const items = await readToEnd(listing);
    assert.equal(new Set(items.map(({ id }) => id)).size, items.length);
    assert.ok(items.length >= 360, `${items.length} items`);
    assert.equal(listing.lacking?.code, 'LISTING_INCOMPLETE');
    assert.ok(sim.log.count(/content\/users\/ana$/) <= 3 * 4);
  });
}

test('a listing goes on in another activity where it stopped', async (t) => {
  const { portal } = await portalPair(t, { org: manyItems() });
  const listing = portal.content('ana');
  const first = await listing.next();
  const state = JSON.parse(JSON.stringify(listing.state)) as typeof listing.state;
  const rest = await readAll(portal, 'ana', state);
  assert.equal(typeof first === 'object' ? first.items.length + rest.length : 0, 370);
});

test('a member who cannot be listed is a refusal, not a member without items', async (t) => {
  const { sim, portal } = await portalPair(t, { org: manyItems() });
  const refusal = { error: { code: 403, messageCode: 'GWM_0003', message: 'You do not have permissions' } };
  sim.faults.add({ match: /content\/users\/ana/, times: Infinity, answer: refusal });
  await assert.rejects(readAll(portal, 'ana'), { code: 'PORTAL_REFUSED' });
});

test('a username with a slash, a question mark or a percent sign reaches its own content', async (t) => {
  const org = new Organization();
  for (const username of ['a/b?c=%2e#d', 'ün ïcode@example.com']) {
    org.addMember(username);
    org.addItem({ owner: username, type: 'Web Map', title: username, json: {} });
  }
  const { portal } = await portalPair(t, { org });
  for (const username of ['a/b?c=%2e#d', 'ün ïcode@example.com']) {
    assert.deepEqual(
      (await readAll(portal, username)).map(({ title }) => title),
      [username],
    );
  }
});

test('an id that is none, as a name of a blob would need it, is not let in', async (t) => {
  const { sim, portal } = await portalPair(t, { org: manyItems() });
  const evil = {
    edit: (page: Record<string, unknown>) => ({
      ...page,
      items: [{ id: '../../HEAD', owner: 'ana', modified: 1 }],
      total: 1,
    }),
  };
  sim.faults.add({ match: /content\/users/, times: Infinity, answer: evil });
  const listing = portal.content('ana');
  assert.deepEqual(await readToEnd(listing), []);
  assert.match(listing.lacking?.message ?? '', /entry 1 has no id that can be asked for \(the text "..\/..\/HEAD"\)/);
});

for (const change of [1, -1, 1e9, -1e300, null, 'many'] as const) {
  test(`a total that is ${change === null || typeof change === 'string' ? change : `off by ${change}`} costs no item, and proves nothing`, async (t) => {
    const { sim, portal } = await portalPair(t, { org: manyItems() });
    const edit = (page: Record<string, unknown>) => ({
      ...page,
      total: typeof change === 'number' ? Number(page['total']) + change : change,
    });
    sim.faults.add({ match: /content\/users/, times: Infinity, answer: { edit } });
    const listing = portal.content('ana');
    assert.equal((await readToEnd(listing)).length, 370);
    assert.equal(listing.lacking?.code, 'COUNTS_MISMATCH');
    assert.ok(sim.log.count(/content\/users/) <= 3 * 6);
  });
}

test('numbers of a listing that are texts, and a next page that is not named, are read all the same', async (t) => {
  for (const edit of [
    (page: Record<string, unknown>) => ({ ...page, total: '370', nextStart: String(page['nextStart']) }),
    ({ nextStart: _, ...page }: Record<string, unknown>) => ({ ...page, folders: null }),
  ]) {
    const { sim, portal } = await portalPair(t, { org: manyItems() });
    sim.faults.add({ match: /content\/users/, times: Infinity, answer: { edit } });
    const listing = portal.content('ana');
    assert.equal((await readToEnd(listing)).length, 370);
    assert.equal(listing.lacking, undefined);
  }
});

test("items of somebody else in a member's listing are not taken for hers, and named", async (t) => {
  const { sim, portal } = await portalPair(t, { org: manyItems() });
  const evil = {
    edit: (page: { items: object[] } & Record<string, unknown>) => ({
      ...page,
      items: page.items.map((item) => ({ ...item, owner: 'ben' })),
    }),
  };
  sim.faults.add({ match: /content\/users/, times: Infinity, answer: evil as never });
  const listing = portal.content('ana');
  assert.deepEqual(await readToEnd(listing), []);
  assert.match(listing.lacking?.message ?? '', /entry 1, Map \([0-9a-f]{32}\), belongs to ben.* And \d+ more\./s);
});

test('a member without folders is listed on a portal that must be asked folder by folder', async (t) => {
  const org = manyItems();
  org.addMember('ben');
  org.addItem({ owner: 'ben', type: 'Web Map', title: 'Map', json: {} });
  const { portal } = await portalPair(t, { org, behaviour: { foldersContent: true, rootTotal: 'root' } });
  await readAll(portal, 'ana');
  const listing = portal.content('ben');
  assert.equal((await readToEnd(listing)).length, 1);
  assert.equal(listing.lacking, undefined);
});

test('a folder that the portal does not give costs no other', async (t) => {
  const { sim, portal } = await portalPair(t, { org: manyItems(), behaviour: { foldersContent: false } });
  const [maps] = sim.org.folders.get('ana') ?? [];
  const error = { code: 500, message: 'Internal error' };
  sim.faults.add({ match: new RegExp(`ana/${maps?.id}$`), times: Infinity, answer: { error } });
  const listing = portal.content('ana');
  assert.equal((await readToEnd(listing)).length, 250);
  assert.match(listing.lacking?.message ?? '', /error 500/);
});
