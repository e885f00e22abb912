import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { cloneArchive } from '../../support/archive.ts';
import { newBackup } from '../../support/backup.ts';
import { Organization } from '../../support/portal/organization.ts';

type Json = Record<string, unknown>;

const listed = /portals\/self\/users/;
const usersOf = (page: Json) => page['users'] as Json[];
const without = (username: string) => (page: Json) => usersOf(page).filter((user) => user['username'] !== username);

/** Lists of members of which something is odd, though never the number of their entries but in the last. */
const oddities: [what: RegExp, code: string, users: (page: Json) => unknown[], total?: number][] = [
  [/entry 1 is null/, 'PORTAL_ANSWER', (page) => [null, ...without('ben')(page)]],
  [/entry 4 \("Ben"\) has no username/, 'PORTAL_ANSWER', (page) => [...without('ben')(page), { fullName: 'Ben' }]],
  [/entry 1 is the text "ben"/, 'PORTAL_ANSWER', (page) => ['ben', ...without('backup')(page)]],
  [/entry 4 is there twice \(ana\)/, 'LISTING_INCOMPLETE', (page) => [...without('ben')(page), { username: 'ANA' }]],
  [/says that there are 5, and lists 3/, 'COUNTS_MISMATCH', without('ben'), 5],
];

/** ana, ben and cleo with two maps each; cleo and all that is hers go after the first run. */
async function threeMembers(t: TestContext) {
  const org = new Organization();
  for (const name of ['ana', 'ben', 'cleo']) org.addMember(name, { fullName: name });
  const add = (owner: string) => org.addItem({ owner, type: 'Web Map', title: owner, json: {} }).record.id;
  const ids = new Map(['ana', 'ben', 'cleo'].map((name) => [name, [add(name), add(name)]]));
  const backup = await newBackup(t, { org, settings: { BACKUP_PRUNE_LIMIT: '1' } });
  const members = async () => {
    const { folder, items } = await cloneArchive(t, backup.store);
    const text = await readFile(join(folder, 'organization/members.json'), 'utf8');
    return { items, list: JSON.parse(text) as { username: string; fullName: string }[] };
  };
  return { ...backup, org, ids, members };
}

test('one odd entry in the list of members costs nobody else, is named, and takes no member away', async (t) => {
  const { portal, run, org, ids, members } = await threeMembers(t);
  await run();
  const all = [...ids.values()].flat();
  const [edited = '', gone = ''] = ids.get('ana') ?? [];
  org.deleteItem(gone);
  for (const id of ids.get('cleo') ?? []) org.deleteItem(id);
  org.removeMember('cleo');
  org.addMember('dora', { fullName: 'dora' });
  const removed: number[] = [];
  for (const [n, [what, code, users, total]] of oddities.entries()) {
    org.editItem(edited, { snippet: String(n) });
    const edit = (page: Json) => ({ ...page, users: users(page), total: total ?? users(page).length });
    const fault = portal.faults.add({ match: listed, times: Infinity, answer: { edit } });
    const record = await run();
    fault.remove();
    assert.deepEqual(
      [record.outcome, record.members.failed, record.changed],
      ['partial', 0, 1],
      JSON.stringify(record),
    );
    assert.deepEqual(
      record.failures.map(({ itemId, owner, title, code: told }) => [itemId, owner, title, told]),
      [[null, '', 'List of members', code]],
    );
    assert.match(record.failures[0]?.message ?? '', what);
    removed.push(record.removed);
  }
  // That an item of hers is gone is proved by her own listing.
  assert.deepEqual(removed, [1, 0, 0, 0, 0]);
  const { items, list } = await members();
  assert.deepEqual(
    all.filter((id) => !items.has(id)),
    [gone],
  );
  const names = ['ana', 'backup', 'ben', 'cleo', 'dora'];
  assert.deepEqual(
    list.map(({ username }) => username),
    names,
  );
  assert.equal(list.find(({ username }) => username === 'ben')?.fullName, 'ben');
  const { outcome, removed: last } = await run();
  assert.deepEqual([outcome, last], ['complete', 2]);
  assert.deepEqual(
    (await members()).list.map(({ username }) => username),
    names.filter((name) => name !== 'cleo'),
  );
});

test('odd fields of a member, and a name in other letter case or as a number, cost nothing', async (t) => {
  const { portal, run, org, ids, members } = await threeMembers(t);
  org.addMember('2026');
  await run();
  for (const name of ids.keys()) org.editItem(ids.get(name)?.[0] ?? '', { snippet: 'edited' });
  const odd: Record<string, (user: Json) => Json> = {
    '2026': (user) => ({ ...user, username: 2026 }),
    ana: (user) => ({ ...user, username: 'ANA', role: { id: 7 }, lastLogin: 'never' }),
    ben: ({ role: _, ...user }) => ({ ...user, lastLogin: null, disabled: 'yes', tags: 'a,b', created: 'yesterday' }),
  };
  const edit = (page: Json) => ({
    ...page,
    users: usersOf(page).map((user) => odd[String(user['username'])]?.(user) ?? user),
  });
  portal.faults.add({ match: listed, times: Infinity, answer: { edit } });
  const { outcome, changed, failures } = await run();
  assert.deepEqual([outcome, changed, failures], ['complete', 3, []]);
  assert.deepEqual(
    (await members()).list.map(({ username }) => username),
    ['2026', 'ana', 'backup', 'ben', 'cleo'],
  );
});
