import assert from 'node:assert/strict';
import { test } from 'node:test';
import { portalPair, readAll } from '../../support/open-portal.ts';
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

  test(`a listing with ${kind} each time fails instead of being believed`, async (t) => {
    const { sim, portal } = await portalPair(t, { org: manyItems() });
    sim.faults.add(listingFault(sim.org, kind, undefined, Infinity));
    await assert.rejects(readAll(portal, 'ana'), { code: 'LISTING_INCOMPLETE' });
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
  await assert.rejects(readAll(portal, 'ana'), { code: 'PORTAL_ANSWER' });
});

test("items of somebody else in a member's listing are not believed", async (t) => {
  const { sim, portal } = await portalPair(t, { org: manyItems() });
  const evil = {
    edit: (page: { items: object[] } & Record<string, unknown>) => ({
      ...page,
      items: page.items.map((item) => ({ ...item, owner: 'ben' })),
    }),
  };
  sim.faults.add({ match: /content\/users/, times: Infinity, answer: evil as never });
  await assert.rejects(readAll(portal, 'ana'), { code: 'LISTING_INCOMPLETE' });
});
