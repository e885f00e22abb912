import assert from 'node:assert/strict';
import { test } from 'node:test';
import { portalPair } from '../../support/open-portal.ts';
import { largeOrganization } from '../../support/demo-organization.ts';

test('all of 131 members are listed, disabled ones too, system users not', async (t) => {
  const org = largeOrganization({ members: 130, items: 0 });
  org.addMember('gone', { disabled: true });
  org.addMember('esri_nav', { system: true });
  const { portal } = await portalPair(t, { org });
  const { members } = await portal.members();
  assert.equal(new Set(members.map(({ username }) => username)).size, 132);
  assert.ok(members.some(({ username }) => username === 'gone'));
});

test('a list of members that moves while it is read is read again, and not believed when it never holds still', async (t) => {
  const { sim, portal } = await portalPair(t, { org: largeOrganization({ members: 150, items: 0 }) });
  const moving = { edit: (page: Record<string, unknown>) => ({ ...page, total: Number(page['total']) + 1 }) };
  sim.faults.add({ match: /portals\/self\/users/, answer: moving });
  assert.equal((await portal.members()).members.length, 151);
  sim.faults.add({ match: /portals\/self\/users/, times: Infinity, answer: moving });
  await assert.rejects(portal.members(), { code: 'LISTING_INCOMPLETE' });
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
