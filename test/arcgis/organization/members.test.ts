import assert from 'node:assert/strict';
import { test } from 'node:test';

import { portalPair } from '../../support/open-portal.ts';
import { largeOrganization } from '../../support/demo-organization.ts';
import { Organization } from '../../support/portal/organization.ts';

type Json = Record<string, unknown>;

const list = /portals\/self\/users/;

test('all of 131 members are listed, disabled ones too, system users not', async (t) => {
  const org = largeOrganization({ members: 130, items: 0 });
  org.addMember('gone', { disabled: true });
  org.addMember('esri_nav', { system: true });
  const { portal } = await portalPair(t, { org });
  const { list, lacking } = await portal.members();
  assert.equal(lacking, undefined);
  assert.equal(new Set(list.map(({ username }) => username)).size, 132);
  assert.ok(list.some(({ username }) => username === 'gone'));
});

test('a list of members that moves while it is read is read again, and proves nothing when it never holds still', async (t) => {
  const { sim, portal } = await portalPair(t, { org: largeOrganization({ members: 150, items: 0 }) });
  let more = 0;
  const moving = { edit: (page: Json) => ({ ...page, total: Number(page['total']) + (more += 1) }) };
  sim.faults.add({ match: list, answer: moving });
  const whole = await portal.members();
  assert.deepEqual([whole.list.length, whole.lacking], [151, undefined]);
  sim.faults.add({ match: list, times: Infinity, answer: moving });
  const { list: members, lacking } = await portal.members();
  assert.deepEqual([members.length, lacking?.code], [151, 'COUNTS_MISMATCH']);
  assert.match(lacking?.message ?? '', /^The list of members changed each time it was read/);
});

const first = (entry: unknown, total = 3) => ({
  edit: (page: Json) => ({ ...page, total, users: [entry, ...(page['users'] as Json[])] }),
});
const told = (total: unknown) => ({ edit: (page: Json) => ({ ...page, total }) });

/** What is odd; who is listed besides ana and the backup's own account; the code and the words it is told with, if at all. */
const oddities: [what: string, answer: { edit: (page: Json) => Json }, more: string[], code?: string][] = [
  ['entry 1 is null', first(null), [], 'PORTAL_ANSWER'],
  ['entry 1 is the text "ana"', first('ana'), [], 'PORTAL_ANSWER'],
  ['entry 1 is a list', first([]), [], 'PORTAL_ANSWER'],
  ['entry 1 ("Ben") has no username that can be asked for (nothing)', first({ fullName: 'Ben' }), [], 'PORTAL_ANSWER'],
  ['entry 1 has no username that can be asked for (the text "")', first({ username: '' }), [], 'PORTAL_ANSWER'],
  ['entry 1 has no username that can be asked for (an object)', first({ username: {} }), [], 'PORTAL_ANSWER'],
  ['entry 1 has no username that can be asked for (a boolean)', first({ username: true }), [], 'PORTAL_ANSWER'],
  ['entry 1 has no username', first({ username: 'y'.repeat(513) }), [], 'PORTAL_ANSWER'],
  ['entry 2 is there twice (ana)', first({ username: 'ANA' }), [], 'LISTING_INCOMPLETE'],
  ['says that there are 3, and lists 2', told(3), [], 'COUNTS_MISMATCH'],
  ['says that there are 1, and lists 2', told(1), [], 'COUNTS_MISMATCH'],
  ['does not say how many there are', told(null), [], 'COUNTS_MISMATCH'],
  ['does not say how many there are', told(1e12), [], 'COUNTS_MISMATCH'],
  ['a number', first({ username: 2026 }), ['2026']],
  ['an odd role and time', first({ username: 'ben', role: { a: 1 }, lastLogin: 'never', tags: 7 }), ['ben']],
  ['nulls', first({ username: 'ben', role: null, lastLogin: null, disabled: null, fullName: null }), ['ben']],
  ['a total in a text', told('2'), []],
  ['a next page in a text', { edit: (page) => ({ ...page, nextStart: '-1' }) }, []],
  ['no next page', { edit: ({ nextStart: _, ...page }) => page }, []],
];

test('whatever an entry of the list of members looks like, the others are listed, and it is told', async (t) => {
  const org = new Organization();
  org.addMember('ana');
  const { sim, portal } = await portalPair(t, { org });
  for (const [what, answer, more, code] of oddities) {
    const fault = sim.faults.add({ match: list, times: Infinity, answer });
    const { list: members, lacking } = await portal.members();
    fault.remove();
    const names = members.map(({ username }) => username.toLowerCase()).sort();
    assert.deepEqual([names, lacking?.code], [['ana', 'backup', ...more].sort(), code], what);
    if (code !== undefined) assert.ok(lacking?.message.includes(what), lacking?.message);
  }
});

test('a list that is lacking may lack our own account, as long as the portal knows us; one of nobody is none', async (t) => {
  const org = new Organization();
  org.addMember('ana');
  const { sim, portal } = await portalPair(t, { org });
  const spoiled = (users: unknown[]) => ({ edit: (page: Json) => ({ ...page, users }) });
  const fault = sim.faults.add({ match: list, times: Infinity, answer: spoiled([null, { username: 'ana' }]) });
  assert.deepEqual(
    (await portal.members()).list.map(({ username }) => username),
    ['ana'],
  );
  const stranger = sim.faults.add({ match: /community\/self/, times: Infinity, answer: { edit: () => ({}) } });
  await assert.rejects(portal.members(), { code: 'AUTH_ANONYMOUS' });
  stranger.remove();
  fault.remove();
  sim.faults.add({ match: list, times: Infinity, answer: spoiled([null, 7]) });
  await assert.rejects(portal.members(), { code: 'PORTAL_ANSWER', message: /entry 1 is null.*entry 2 is a number/ });
});

test('an empty list, or one without our own account, is the list of somebody else', async (t) => {
  const { sim, portal } = await portalPair(t);
  for (const users of [[], [{ username: 'mallory' }]]) {
    const answer = { edit: () => ({ total: users.length, start: 1, num: 100, nextStart: -1, users }) };
    sim.faults.add({ match: /portals\/self\/users/, answer });
    await assert.rejects(portal.members(), { code: 'AUTH_ANONYMOUS' });
  }
});

test('a refused list names the privilege that is missing', async (t) => {
  const { sim, portal } = await portalPair(t);
  const answer = { error: { code: 403, messageCode: 'GWM_0003', message: 'You do not have permissions' } };
  sim.faults.add({ match: /portals\/self\/users/, answer });
  await assert.rejects(portal.members(), (error: Error) => /portal:admin:viewUsers/.test(error.message));
});

test('a member exists until the portal says otherwise; a failing portal says nothing', async (t) => {
  const { sim, portal } = await portalPair(t);
  assert.equal(await portal.memberExists('backup'), true);
  assert.equal(await portal.memberExists('nobody'), false);
  sim.faults.add({ match: /community\/users/, answer: { error: { code: 500, message: 'Internal error' } } });
  await assert.rejects(portal.memberExists('nobody'), { code: 'PORTAL_ERROR' });
});
