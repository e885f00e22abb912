import assert from 'node:assert/strict';
import { test } from 'node:test';
import { groupNames, groupText, membersText, portalText, rolesText } from '../../lib/backup/organization.ts';

const read = (text: string) => JSON.parse(text) as Record<string, unknown>;
const id = (letter: string) => letter.repeat(32);

test('no key, token or password of the organization gets into the history, however deep it lies', () => {
  const kept = read(
    portalText({
      id: 'org',
      urlKey: 'town',
      bingKey: 'AmMpS0Sy',
      portalProperties: { links: [{ url: 'https://town.example', apiKey: 'AAPK1', accessToken: 'x' }] },
      samlSecret: 'x',
      smtp: { host: 'mail', password: 'x' },
      maxTokenExpirationMinutes: 120,
      canUseApiKeys: true,
    }),
  );
  assert.deepEqual(kept, {
    id: 'org',
    urlKey: 'town',
    portalProperties: { links: [{ url: 'https://town.example' }] },
    smtp: { host: 'mail' },
    maxTokenExpirationMinutes: 120,
    canUseApiKeys: true,
  });
});

test('what is the caller’s, or counts and moves by itself, is not what the organization is', () => {
  const moving = {
    user: { username: 'backup', lastLogin: 1 },
    appInfo: { appId: 'x' },
    ipCntryCode: 'US',
    currentVersion: '2025.1',
    availableCredits: 12.5,
    subscriptionInfo: { expDate: 1 },
    storageUsage: 1,
    databaseUsage: 1,
    databaseQuota: 2,
  };
  assert.deepEqual(read(portalText({ id: 'org', name: 'Town', region: 'US', ...moving })), {
    id: 'org',
    name: 'Town',
    region: 'US',
  });
});

test('members lose what signing in and working change, and come in the order of their names', () => {
  const member = (username: string, more: object) => ({
    username,
    role: 'org_user',
    disabled: false,
    groups: [],
    ...more,
  });
  const one = membersText([member('zoe', { lastLogin: 1, storageUsage: 1 }), member('ana', { lastLogin: 2 })]);
  const two = membersText([member('ana', { lastLogin: -1 }), member('zoe', { storageUsage: 9, modified: 5 })]);
  assert.equal(one, two);
  assert.deepEqual(JSON.parse(one), [
    { username: 'ana', role: 'org_user', disabled: false },
    { username: 'zoe', role: 'org_user', disabled: false },
  ]);
});

test('roles give the same text in whatever order they came', () => {
  const roles = [
    { id: 'b', name: 'Editor' },
    { name: 'Viewer', id: 'a' },
  ];
  assert.equal(rolesText(roles), rolesText([...roles].reverse()));
});

test('of groups with one title the oldest keeps it, also where only case differs, in any order of arrival', () => {
  const groups = [
    { id: id('c'), title: 'Crew', created: 1 },
    { id: id('b'), title: 'crew', created: 2 },
    { id: id('a'), title: 'CREW', created: 2 },
    { id: id('d'), title: null },
    { id: id('e'), title: '../etc: passwd', created: 1 },
  ];
  const names = {
    [id('a')]: 'CREW (aaaaaaaa).json',
    [id('b')]: 'crew (bbbbbbbb).json',
    [id('c')]: 'Crew.json',
    [id('d')]: 'Missing.json',
    [id('e')]: '-etc- passwd.json',
  };
  assert.deepEqual(Object.fromEntries(groupNames(groups)), names);
  assert.deepEqual(Object.fromEntries(groupNames([...groups].reverse())), names);
});

test('a group is its record, its people and its items, whoever looks at it', () => {
  const content = { owner: 'ana', admins: ['ana'], members: ['ben'], items: [id('1')] };
  const group = { id: id('a'), title: 'Crew', created: 1, owner: 'ana', description: null };
  const seen = { ...group, isFav: true, userMembership: { username: 'backup', memberType: 'none' } };
  assert.equal(groupText(seen, content), groupText(group, content));
  assert.deepEqual(read(groupText(seen, content)), { ...group, ...content });
  assert.equal(read(groupText(group, { ...content, owner: null }))['owner'], 'ana');
});
