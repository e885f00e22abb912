import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { BackupError } from '../../lib/errors.ts';
import { fixture } from '../support/portal/content.ts';
import { newWorld } from '../support/restore.ts';
import { dying } from '../support/stores/dying.ts';

/** Every call and every entry in the long form; in the suite the one that makes the group. */
const isLong = process.env['LONG'] === '1';

/** The plan is the first entry, then that the group is to be made, and that it was. */
const entryOfMaking = 3;

/** A group that is gone, with members and a map of another member that was shared with it. */
async function newLoss(t: TestContext) {
  const world = await newWorld(t);
  const { org } = world;
  for (const name of ['ana', 'ben', 'cleo']) org.addMember(name);
  let group = org.addGroup('Crew', {
    owner: 'ana',
    access: 'private',
    members: new Set(['ben', 'cleo']),
    admins: new Set(['cleo']),
    picture: fixture('thumbnail.png'),
    more: { thumbnail: 'crew.png', tags: [], protected: true },
  });
  const { id } = group;
  const map = org.addItem({ owner: 'ben', type: 'Web Map', title: 'Map', json: {} }).record.id;
  org.share(map, id);
  await world.backup();
  const lose = () => {
    org.unshare(map, group.id);
    org.groups.delete(group.id);
    org.quietlyEdit(map, { access: 'private' });
    return { items: [], groups: [id] };
  };
  const check = (about: string) => {
    const [made, ...others] = org.groups.values();
    assert.ok(made !== undefined && others.length === 0, `${about}: ${org.groups.size} groups`);
    group = made;
    const { owner, members, admins, items, more, picture } = made;
    assert.deepEqual(
      [owner, [...members].sort(), [...(admins ?? [])], [...items], more?.['protected'], picture?.sha256()],
      ['ana', ['ben', 'cleo'], ['cleo'], [map], true, fixture('thumbnail.png').sha256()],
      about,
    );
  };
  return { world, lose, check };
}

test('the answer is lost at every write of a group: it comes back whole, and once', async (t) => {
  const { world, lose, check } = await newLoss(t);
  const isWrite = ({ method, path }: { method: string; path: string }) =>
    method === 'POST' && /\/community\/(?:createGroup|groups\/)|\/share$/.test(path);
  for (let skip = 0; ; skip++) {
    const request = lose();
    const fault = world.portal.faults.add({ match: isWrite, skip, answer: 'lost' });
    const result = await world.restore(request);
    assert.equal(result.outcome, 'complete', `lost ${skip}: ${JSON.stringify(result)}`);
    check(`lost ${skip}`);
    const { hits } = fault;
    fault.remove();
    if (!isLong) return assert.equal(hits, 1);
    if (hits === 0) return assert.ok(skip > 5, `only ${skip} write calls`);
  }
});

test('the answer is lost when a group is deleted that a restore had made: taking it back is complete', async (t) => {
  const { world, lose } = await newLoss(t);
  const { restoreId } = await world.restore(lose());
  for (const { more } of world.org.groups.values()) Object.assign(more ?? {}, { protected: true });
  for (const verb of ['unprotect', 'delete'])
    world.portal.faults.add({ match: ({ path }) => new RegExp(`/groups/\\w+/${verb}$`).test(path), answer: 'lost' });
  const own = world.restores();
  const undone = await own.start(await own.planUndo(restoreId));
  assert.equal(undone.outcome, 'complete', JSON.stringify(undone));
  assert.equal(world.org.groups.size, 0);
});

for (const when of ['before', 'after'] as const) {
  test(`a restore of a group killed right ${when} any entry of its journal goes on to the same end`, async (t) => {
    const { world, lose, check } = await newLoss(t);
    for (let n = isLong ? 2 : entryOfMaking; ; n++) {
      const request = lose();
      const store = dying(world.store, n, when);
      const killed = world.restores(store.through);
      const planned = await killed.plan(request);
      await killed.start(planned).catch((error: unknown) => assert.ok(error instanceof BackupError, String(error)));
      const result = await world.restores().resume(planned.restoreId);
      assert.equal(result.outcome, 'complete', `${when} ${n}: ${JSON.stringify(result)}`);
      check(`${when} ${n}`);
      if (!isLong) return assert.ok(store.hasDied());
      if (!store.hasDied()) return assert.ok(n > 8, `only ${n} entries`);
    }
  });
}
