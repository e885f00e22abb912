import { errors, json, type Answer } from '../answers.ts';
import type { Ask, Route } from '../ask.ts';
import { isOn, pageOf, sorted } from '../paging.ts';
import { may, privilegesOf } from '../tokens.ts';
import type { Account } from '../words.ts';

const root = /^\/sharing\/rest/.source;

/** A member as lists and single answers show them; never the password. */
function memberOf(ask: Ask, account: Account): Record<string, unknown> {
  const { username, fullName, email, role, roleId, disabled, access, created, lastLogin } = account;
  const [firstName = '', ...rest] = fullName.split(' ');
  const userType = role === 'org_user' ? 'viewerUT' : 'creatorUT';
  return {
    username,
    id: `id-${username}`,
    fullName,
    firstName,
    lastName: rest.join(' '),
    email,
    role: roleId ?? role,
    ...((roleId ?? viewer(account)) !== undefined && { roleId: roleId ?? viewer(account) }),
    level: '2',
    userLicenseTypeId: userType,
    disabled,
    access,
    orgId: ask.state.org.id,
    created,
    modified: created,
    lastLogin,
    storageUsage: 0,
    storageQuota: 2199023255552,
    groups: [],
    provider: 'arcgis',
    tags: [],
    culture: 'en',
    region: null,
    thumbnail: null,
  };
}

/** The role of those who only look, which the portal brings along. */
function viewer({ role }: Account): string | undefined {
  return role === 'org_user' ? 'iAAAAAAAAAAAAAAA' : undefined;
}

/** The signed-in account as community/self answers it, with its privileges. */
export function userOf(ask: Ask, account: Account): Record<string, unknown> {
  return { ...memberOf(ask, account), privileges: privilegesOf({ ...ask.caller, account }) };
}

function maySeeUsers({ caller }: Ask): boolean {
  return may(caller, 'portal:admin:viewUsers') || may(caller, 'portal:user:viewOrgUsers');
}

function members(ask: Ask): Account[] {
  const all = [...ask.state.org.accounts.values()].filter((one) => !one.system || !isOn(ask, 'excludeSystemUsers'));
  const role = ask.params.get('role');
  const some = role ? all.filter((one) => one.role === role) : all;
  return sorted(ask, some, (one, field) => one[(field === 'fullname' ? 'fullName' : field) as keyof Account]);
}

function listing(ask: Ask, accounts: Account[], key: 'users' | 'results'): Answer {
  const { numbers, part } = pageOf(ask, accounts);
  return json({ ...numbers, [key]: part.map((one) => memberOf(ask, one)) });
}

function orgUsers(ask: Ask): Answer {
  if (!ask.caller.account)
    return ask.state.behaviour.silentAnonymous ? listing(ask, [], 'users') : errors.tokenRequired();
  if (!maySeeUsers(ask)) return errors.forbidden();
  return listing(ask, members(ask), 'users');
}

/** Words of `q` that name a user; fields other than username are taken as met. */
function found(ask: Ask): Account[] {
  const q = ask.params.get('q') ?? '';
  const wanted = /username:"?([^"\s)]+)"?/.exec(q)?.[1] ?? (/[:*]/.test(q) ? '' : q);
  return members(ask).filter(({ username, fullName }) =>
    `${username} ${fullName}`.toLowerCase().includes(wanted.toLowerCase()),
  );
}

function searchOrgUsers(ask: Ask): Answer {
  if (!ask.caller.account)
    return ask.state.behaviour.silentAnonymous ? listing(ask, [], 'results') : errors.tokenRequired();
  if (!maySeeUsers(ask)) return errors.forbidden();
  return listing(ask, found(ask), 'results');
}

function searchCommunity(ask: Ask): Answer {
  const visible = found(ask).filter(({ access }) => access === 'public' || ask.caller.account !== null);
  return listing(ask, visible, 'results');
}

function user(ask: Ask, username = ''): Answer {
  const account = ask.state.org.accounts.get(username);
  const self = ask.caller.account;
  if (!account || (account.access === 'public' ? false : self === null)) return errors.userGone();
  if (account.access === 'private' && self?.username !== username && !maySeeUsers(ask)) return errors.userGone();
  return json(memberOf(ask, account));
}

/** Who the members are. */
export const memberRoutes: Route[] = [
  { pattern: new RegExp(`${root}/portals/[^/]+/users$`), answer: orgUsers },
  { pattern: new RegExp(`${root}/portals/[^/]+/users/search$`), answer: searchOrgUsers },
  { pattern: new RegExp(`${root}/community/users$`), answer: searchCommunity },
  { pattern: new RegExp(`${root}/community/users/([^/]+)$`), answer: user },
];
