import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { isCode } from '../../lib/errors.ts';
import { jsonContent } from '../support/portal/content.ts';
import type { Seen } from '../support/portal/faults.ts';
import { newWorld, type World } from '../support/restore.ts';

/** What a portal may do to a restore that is not its fault: each is told before, or stops what it befalls, with a cure. */

const isWrite = ({ kind, who }: Seen) => kind === 'write' && who === 'keeper';

/** A map that is gone and one that was spoiled, both of ana's; what the portal then holds. */
async function twoMaps(t: TestContext) {
  const world = await newWorld(t);
  const { org, portal } = world;
  portal.writing.bin = 'off';
  org.addMember('ana');
  const [gone, kept] = ['Gone', 'Kept'].map(
    (title) => org.addItem({ owner: 'ana', type: 'Web Map', title, json: { title } }).record.id,
  ) as [string, string];
  await world.backup();
  org.deleteItem(gone);
  org.replaceData(kept, jsonContent({}));
  const titles = () =>
    [...org.items.values()].map(({ record: { owner, title }, data }) => [owner, title, data?.bytes().toString()]);
  const whole = [
    ['ana', 'Kept', '{"title":"Kept"}'],
    ['ana', 'Gone', '{"title":"Gone"}'],
  ];
  return { world, gone, kept, titles, whole };
}

test('without credits nothing new is made: the plan says so, what is there goes back, and the rest when there are some', async (t) => {
  const { world, gone, kept, titles, whole } = await twoMaps(t);
  world.portal.writing.credits = 0;
  const own = world.restores();
  const planned = await own.plan({ items: [gone, kept] });
  assert.match(planned.plan.warnings.find(({ code }) => code === 'CREDITS')?.message ?? '', /no credits left/);
  const { outcome, items } = await own.start(planned);
  assert.deepEqual(
    [outcome, items.map(({ itemId, code }) => [itemId, code])],
    ['partial', [gone, kept].map((id) => [id, id === gone ? 'RESTORE_CREDITS' : null])],
  );
  assert.match(items.find(({ code }) => code !== null)?.hint ?? '', /Buy credits/);
  assert.deepEqual(titles(), whole.slice(0, 1));
  world.portal.writing.credits = 100;
  assert.equal((await world.restores().resume(planned.restoreId)).outcome, 'complete');
  assert.deepEqual(titles(), whole);
});

/** Strikes the n-th write of the restore, from 0, and tells whether there was one. */
function atWrite({ portal }: World, n: number, strike: () => void, code: number) {
  let seen = 0;
  return portal.faults.add({
    match: (call) => {
      if (!isWrite(call) || seen++ !== n) return false;
      strike();
      return true;
    },
    answer: { error: { code, message: code === 498 ? 'Invalid token.' : 'Token Required' } },
  });
}

const isSignIn = ({ path }: { path: string }) => path.endsWith('/generateToken');

for (const code of [498, 499])
  test(`a token that dies at any write (${code}) is renewed once, and nothing is made twice`, async (t) => {
    const { world, gone, kept, titles, whole } = await twoMaps(t);
    const { org, portal } = world;
    const [first] = (await world.restores().plan({ items: [kept] })).plan.items;
    const at = first?.commit ?? '';
    for (let n = 0; ; n++) {
      const own = world.restores();
      const planned = await own.plan({ items: [gone, kept], at });
      const before = portal.log.count(isSignIn);
      const fault = atWrite(world, n, () => portal.tokens.expireAll(), code);
      const result = await own.start(planned);
      assert.equal(result.outcome, 'complete', `${n}: ${JSON.stringify(result)}`);
      assert.deepEqual(titles(), whole, `write ${n}`);
      const { hits } = fault;
      fault.remove();
      if (hits === 0) return assert.equal(n, 3, 'writes');
      // Of the account that restores the first and one more, and one of the backup's, which saves what is there.
      assert.equal(portal.log.count(isSignIn) - before, 3, `write ${n}: sign-ins`);
      org.deleteItem(result.ids[gone] ?? '');
      org.replaceData(kept, jsonContent({}));
    }
  });

test('an account that may not sign in again stops the restore with the names of its own settings; it goes on later', async (t) => {
  const { world, gone, kept, titles, whole } = await twoMaps(t);
  const { org, portal } = world;
  const keeper = org.accounts.get('keeper') ?? assert.fail();
  const strike = () => {
    keeper.password = 'another';
    portal.tokens.expireAll();
  };
  const own = world.restores();
  const planned = await own.plan({ items: [gone, kept] });
  atWrite(world, 1, strike, 498);
  await assert.rejects(own.start(planned), (error) => {
    assert.ok(isCode(error, 'RESTORE_ACCOUNT'), String(error));
    assert.match(error.hint, /RESTORE_PASSWORD/);
    assert.doesNotMatch(error.hint, /ARCGIS_|OAuth/);
    return true;
  });
  keeper.password = 'keeper-password';
  assert.equal((await world.restores().resume(planned.restoreId)).outcome, 'complete');
  assert.deepEqual(titles(), whole);
});

test('a portal that takes no more changes in the middle stops the whole restore, which goes on when that ends', async (t) => {
  const { world, gone, kept, titles, whole } = await twoMaps(t);
  const { portal } = world;
  const own = world.restores();
  const planned = await own.plan({ items: [gone, kept] });
  portal.faults.add({ match: isWrite, answer: { after: () => void (portal.writing.readOnly = true) } });
  await assert.rejects(own.start(planned), (error) => isCode(error, 'RESTORE_READ_ONLY') || assert.fail(String(error)));
  portal.writing.readOnly = false;
  assert.equal((await world.restores().resume(planned.restoreId)).outcome, 'complete');
  assert.deepEqual(titles(), whole);
});

for (const [who, more] of [
  ['who only looks', { role: 'org_user' }],
  ['whose own role says nothing of it', { roleId: 'hzHOGSAky23XJu7Q', privileges: ['portal:user:viewOrgItems'] }],
] as const)
  test(`a member ${who} cannot own what is gone: the plan says so, and somebody else takes it`, async (t) => {
    const { world, gone, kept } = await twoMaps(t);
    const { org } = world;
    Object.assign(org.accounts.get('ana') ?? {}, more);
    org.addMember('ben');
    const { plan } = await world.restores().plan({ items: [gone, kept] });
    const blocked = plan.items.find(({ itemId }) => itemId === gone)?.blocked;
    assert.deepEqual([blocked?.code, plan.order], ['RESTORE_OWNER', [kept]]);
    assert.match(blocked?.message ?? '', /role of ana/);
    const { outcome, ids } = await world.restore({ items: [gone, kept], owner: 'ben' });
    assert.equal(outcome, 'complete');
    assert.deepEqual(
      [gone, kept].map((id) => org.item(ids[id] ?? id).record.owner),
      ['ben', 'ana'],
    );
  });

test('a member of whom the portal tells an empty list of privileges is judged by the role', async (t) => {
  const { world, gone, kept } = await twoMaps(t);
  const body = JSON.stringify({ username: 'ana', role: 'org_publisher', privileges: [] });
  world.portal.faults.add({ match: /\/community\/users\/ana$/, times: Infinity, answer: { status: 200, body } });
  const { plan } = await world.restores().plan({ items: [gone, kept] });
  assert.deepEqual(
    plan.items.map(({ blocked }) => blocked),
    [null, null],
  );
});

test('files of one name that belong to different members come back, each to its own', async (t) => {
  const world = await newWorld(t);
  const { org, portal } = world;
  portal.writing.bin = 'off';
  const before = ['ana', 'ben', 'eve'].map((owner) => {
    org.addMember(owner);
    return org.addItem({ owner, type: 'PDF', title: owner, name: 'atlas.pdf', data: Buffer.from(`%PDF ${owner}`) })
      .record.id;
  });
  await world.backup();
  for (const id of before) org.deleteItem(id);
  const { outcome, ids, items } = await world.restore({ items: before });
  assert.equal(outcome, 'complete', JSON.stringify(items));
  assert.deepEqual(
    before.map((id) => [
      org.item(ids[id] ?? '').record.owner,
      org
        .item(ids[id] ?? '')
        .data?.bytes()
        .toString(),
    ]),
    ['ana', 'ben', 'eve'].map((owner) => [owner, `%PDF ${owner}`]),
  );
});

test('a file whose name the account that restores has itself is made under another one, and has its own where it belongs', async (t) => {
  const world = await newWorld(t);
  const { org, portal } = world;
  portal.writing.bin = 'off';
  org.addMember('ana');
  const id = org.addItem({ owner: 'ana', type: 'CSV', title: 'Stations', file: 'stations.csv' }).record.id;
  await world.backup();
  org.deleteItem(id);
  org.addItem({ owner: 'keeper', type: 'CSV', title: 'Mine', file: 'stations.csv' });
  const result = await world.restore({ items: [id] });
  assert.deepEqual([result.outcome, result.items[0]?.outcome], ['complete', 'restored'], JSON.stringify(result));
  const { record } = org.item(result.ids[id] ?? '');
  assert.deepEqual([record.owner, record.name, org.items.size], ['ana', 'stations.csv', 2]);
});
