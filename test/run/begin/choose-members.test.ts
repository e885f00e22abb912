import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Portal } from '../../../lib/arcgis/portal.ts';
import type { RunRequest } from '../../../lib/backup/run.ts';
import { BackupError } from '../../../lib/errors.ts';
import { chooseMembers } from '../../../lib/run/begin/choose-members.ts';

const members = ['ana', 'Anton', 'ben'].map((username) => ({ username }));
const portal = {
  item: (id: string) =>
    Promise.resolve(
      id === 'c'.repeat(32) ? { id, owner: 'ana' } : id === 'a'.repeat(32) ? { id, owner: 'BEN' } : undefined,
    ),
} as unknown as Portal;

function choose(request: RunRequest, users = '*', skipUsers = '', lacking?: BackupError) {
  const list = (text: string) => text.split(',').filter((each) => each !== '');
  const rules = { users: list(users), skipUsers: list(skipUsers), skipTags: [], skipTypes: [], skipGroups: [] };
  return chooseMembers(rules, portal, { list: members, lacking }, request);
}

for (const [what, request, users, skip, expected] of [
  ['without settings everybody', {}, '*', '', 'ana,Anton,ben'],
  ['whom the settings allow', {}, 'an*', 'ana', 'Anton'],
  ['who is named, in any letter case and whatever the settings say', { users: ['ANA'] }, 'ben', 'ana', 'ana'],
  ['whom a pattern fits', { users: ['an*'] }, '*', '', 'ana,Anton'],
  ['of a pattern only whom the settings allow', { users: ['an*'] }, '*', 'ana', 'Anton'],
  ['the owner of an item that is named', { items: ['a'.repeat(32)] }, 'ana', '', 'ben'],
] as [string, RunRequest, string, string, string][]) {
  test(`a run walks ${what}`, async () => {
    const { wanted, warnings } = await choose(request, users, skip);
    assert.equal(wanted.map(({ username }) => username).join(), expected);
    assert.deepEqual(warnings, []);
  });
}

for (const [what, request, users, skip, code, message] of [
  ['BACKUP_USERS that fits nobody', {}, 'anna,c*', '', 'SETTINGS_INVALID', /^BACKUP_USERS: .* anna, c\* is none/],
  ['BACKUP_SKIP_USERS that fits everybody', {}, 'an*', '*', 'SETTINGS_INVALID', /^BACKUP_SKIP_USERS: /],
  ['a pattern that fits nobody', { users: ['ana', 'c*'] }, '*', '', 'USAGE', /no member named c\*\./],
  ['a pattern that fits only who is left out', { users: ['an*'] }, '*', 'an*', 'USAGE', /no member named an\*/],
  ['an item that is not there', { items: ['b'.repeat(32)] }, '*', '', 'ITEM_GONE', /./],
] as [string, RunRequest, string, string, string, RegExp][]) {
  test(`${what} is a failure, never a complete run of nothing`, async () => {
    await assert.rejects(choose(request, users, skip), { code, message });
  });
}

test('one of several names that fits nobody is told, and the others are backed up', async () => {
  const { wanted, warnings } = await choose({}, 'anna,ben');
  assert.equal(wanted.map(({ username }) => username).join(), 'ben');
  assert.deepEqual(warnings, ['BACKUP_USERS names anna, and the organization has no such member. Check the spelling.']);
});

test('who is not in a list that is lacking may be there: what is lacking is told, not that the name is misspelt', async () => {
  const lacking = new BackupError('PORTAL_ANSWER', 'The list of members: entry 1 is null.');
  const told = { code: 'PORTAL_ANSWER', message: /cleo.*entry 1 is null/ };
  await assert.rejects(choose({ users: ['cleo'] }, '*', '', lacking), told);
  await assert.rejects(choose({}, 'cleo', '', lacking), told);
  assert.equal((await choose({ users: ['ana'] }, '*', '', lacking)).wanted.length, 1);
});

test('each member is looked through for the items of theirs that are named, and whoever owns none for none', async () => {
  const [ofBen, ofAna] = ['a'.repeat(32), 'c'.repeat(32)];
  const { asked } = await choose({ users: ['Anton'], items: [ofBen, ofAna] });
  assert.deepEqual(asked, [
    { username: 'ana', items: [ofAna] },
    { username: 'Anton', items: [] },
    { username: 'ben', items: [ofBen] },
  ]);
  assert.equal((await choose({ users: ['ana'] })).asked, null);
  assert.equal((await choose({})).asked, null);
});
