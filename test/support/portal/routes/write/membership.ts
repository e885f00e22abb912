import { errors, json, type Answer } from '../../answers.ts';
import type { Ask, Route } from '../../ask.ts';
import { may } from '../../tokens.ts';
import type { Group } from '../../words.ts';
import { root } from '../wire.ts';
import { invalid, write } from './door.ts';
import { managed, oneGroup } from './groups.ts';
import { objectIn } from './fields.ts';

/** Who is in a group (restore.md 4): at most 25 at a time. */

function names({ params }: Ask, field: string): string[] {
  return (params.get(field) ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);
}

/** POST addUsers: who is no member of the organization, or does not want to be added, is told. */
function add(ask: Ask, group: Group): Answer {
  const [users, admins] = [names(ask, 'users'), names(ask, 'admins')];
  if (users.length + admins.length > 25) return invalid('Too many users.');
  const { org, writing } = ask.state;
  const refused = (name: string) => !org.accounts.has(name) || writing.notAdded.includes(name);
  for (const name of [...users, ...admins].filter((each) => !refused(each))) group.members.add(name);
  for (const name of admins.filter((each) => !refused(each))) adminsOf(group).add(name);
  return json({ notAdded: [...users, ...admins].filter(refused) });
}

function adminsOf(group: Group): Set<string> {
  return (group.admins ??= new Set());
}

function remove(ask: Ask, group: Group): Answer {
  const users = names(ask, 'users');
  if (users.length > 25) return invalid('Too many users.');
  const notRemoved = users.filter((name) => name === group.owner || !group.members.delete(name));
  for (const name of users) group.admins?.delete(name);
  return json({ notRemoved });
}

/** POST updateUsers: members become managers, and managers members. */
function change(ask: Ask, group: Group): Answer {
  const roles = [
    ...names(ask, 'admins').map((name) => [name, true] as const),
    ...names(ask, 'users').map((name) => [name, false] as const),
  ];
  const results = roles.map(([username, isAdmin]) => {
    const success = group.members.has(username);
    if (success) adminsOf(group)[isAdmin ? 'add' : 'delete'](username);
    return { username, success };
  });
  return json({ results });
}

/** POST reassign: who owned it stays a manager. */
function reassign(ask: Ask, group: Group): Answer {
  const to = ask.params.get('targetUsername') ?? '';
  const account = ask.state.org.accounts.get(to);
  if (!account) return errors.userGone();
  if (account.role === 'org_user') return invalid(`User ${to} does not have the privilege to own groups.`);
  group.members.add(group.owner);
  adminsOf(group).add(group.owner);
  group.owner = to;
  return json({ success: true, groupId: group.id });
}

/** POST invite: the invitation waits until it is accepted. */
function invite(ask: Ask, group: Group): Answer {
  const users = names(ask, 'users');
  ask.state.org.invitations.push(...users.map((username) => ({ username, groupId: group.id })));
  return json({ success: true, notInvited: [] });
}

/** POST portals/self/invite: people are asked to become members, and are none yet. */
function inviteMembers(ask: Ask): Answer {
  if (!may(ask.caller, 'portal:admin:inviteUsers')) return errors.forbidden();
  const asked = objectIn(ask.params.get('invitationList') ?? '')?.['invitations'];
  if (!Array.isArray(asked)) return invalid("Invalid value for 'invitationList'.");
  const all = asked as { username: string }[];
  const notInvited = all.filter(({ username }) => ask.state.org.accounts.has(username));
  const invited = all.filter((each) => !notInvited.includes(each));
  ask.state.org.invitations.push(...invited.map(({ username }) => ({ username, groupId: null })));
  return json({ success: true, notInvited: notInvited.map(({ username }) => username) });
}

/** Members of groups. */
export const membershipRoutes: Route[] = [
  write(`${oneGroup}/addUsers`, managed(add, 'portal:admin:assignToGroups')),
  write(`${oneGroup}/removeUsers`, managed(remove, 'portal:admin:assignToGroups')),
  write(`${oneGroup}/updateUsers`, managed(change, 'portal:admin:assignToGroups')),
  write(`${oneGroup}/reassign`, managed(reassign, 'portal:admin:reassignGroups')),
  write(`${oneGroup}/invite`, managed(invite, 'portal:admin:assignToGroups')),
  write(`${root}/portals/[^/]+/invite`, inviteMembers),
];
