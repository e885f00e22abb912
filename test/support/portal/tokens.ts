import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Clock } from '../../../lib/clock.ts';
import type { Organization } from './organization.ts';
import type { Account, PortalItem } from './words.ts';

/** Who asks. No account: anonymous. */
export interface Caller {
  account: Account | null;
  /** came with an app's or API key's token, with these privileges */
  app: { clientId: string; privileges: readonly string[] } | null;
  tokenIn: 'header' | 'query' | 'body' | null;
  /** a token was sent that is wrong, expired, or bound to another Referer: 498 */
  invalid: boolean;
}

interface Token {
  username: string;
  app: Caller['app'];
  expires: number;
  referer: string | null;
}

/** Issues tokens and recognizes them. */
export class Tokens {
  #org: Organization;
  #clock: Clock;
  #issued = new Map<string, Token>();
  #count = 0;

  constructor(org: Organization, clock: Clock) {
    this.#org = org;
    this.#clock = clock;
  }

  /** A new token, valid for `minutes`; `referer` binds it to that Referer header. */
  issue(username: string, minutes: number, referer: string | null = null, app: Caller['app'] = null) {
    this.#count += 1;
    const token = `sim${createHash('sha256').update(`${username} ${this.#count}`).digest('hex')}`;
    const expires = this.#clock.now() + minutes * 60_000;
    this.#issued.set(token, { username, app, expires, referer });
    return { token, expires };
  }

  /** Does the text hold a token of this portal, also one that has run out, or what tokens are got with? */
  isSecretIn(text: string): boolean {
    const { admin, app, apiKey } = this.#org;
    if (/sim[0-9a-f]{64}/.test(text)) return true;
    return [admin.password, app.clientSecret, apiKey.key].some((secret) => text.includes(secret));
  }

  /** All tokens so far stop to be valid, as after a change of password. */
  expireAll(): void {
    this.#issued.clear();
  }

  #find(value: string): Token | undefined {
    const { key, owner, privileges } = this.#org.apiKey;
    if (value === key)
      return { username: owner, app: { clientId: 'apikey', privileges }, expires: Infinity, referer: null };
    return this.#issued.get(value);
  }

  /** What makes a signed address one of its own. */
  newSignature(): string {
    this.#count += 1;
    return `s${this.#count}`;
  }

  /** The caller of a request with these headers and parameters. */
  recognize(
    headers: IncomingHttpHeaders,
    query: ReadonlyMap<string, string>,
    body: ReadonlyMap<string, string>,
  ): Caller {
    const { value, tokenIn } = carried(headers, query, body);
    if (value === undefined) return { account: null, app: null, tokenIn: null, invalid: false };
    const token = this.#find(value);
    const account = token && this.#org.accounts.get(token.username);
    const misplaced = token && token.referer !== null && token.referer !== headers.referer;
    if (!token || !account || account.disabled || misplaced || token.expires <= this.#clock.now()) {
      return { account: null, app: null, tokenIn, invalid: true };
    }
    return { account, app: token.app, tokenIn, invalid: false };
  }
}

function bearer(header: string | string[] | undefined): string | undefined {
  return /^Bearer (.+)$/i.exec(String(header ?? ''))?.[1];
}

/** The token that a request carries, and where. */
export function carried(
  headers: IncomingHttpHeaders,
  query: ReadonlyMap<string, string>,
  body: ReadonlyMap<string, string>,
) {
  const header = bearer(headers['x-esri-authorization']) ?? bearer(headers.authorization);
  if (header !== undefined) return { value: header, tokenIn: 'header' as const };
  if (query.get('token')) return { value: query.get('token'), tokenIn: 'query' as const };
  if (body.get('token')) return { value: body.get('token'), tokenIn: 'body' as const };
  return { value: undefined, tokenIn: null };
}

/** What an administrator may do; a custom role or an app holds some of them. */
export const adminPrivileges = [
  'portal:admin:viewUsers',
  'portal:admin:viewItems',
  'portal:admin:updateItems',
  'portal:admin:deleteItems',
  'portal:admin:viewGroups',
  'portal:admin:shareToGroup',
];

/** What an administrator may do besides who is no mere reader. */
const writerPrivileges = [
  'portal:admin:reassignItems',
  'portal:admin:updateGroups',
  'portal:admin:deleteGroups',
  'portal:admin:reassignGroups',
  'portal:admin:assignToGroups',
  'portal:admin:shareToOrg',
  'portal:admin:shareToPublic',
  'portal:admin:createUpdateCapableGroup',
  'portal:admin:categorizeItems',
  'portal:admin:inviteUsers',
  'portal:user:createGroup',
  'portal:user:shareToGroup',
  'portal:user:shareToOrg',
  'portal:user:shareToPublic',
  'portal:publisher:publishFeatures',
  'portal:publisher:publishTiles',
  'portal:publisher:publishScenes',
  'features:user:edit',
  'features:user:fullEdit',
];

/** The privileges of the caller. */
export function privilegesOf({ account, app }: Caller): readonly string[] {
  if (!account) return [];
  const own = [
    'portal:user:createItem',
    'portal:user:viewOrgItems',
    ...(account.role === 'org_admin' ? adminPrivileges : []),
    ...(account.role === 'org_admin' && account.readsOnly !== true ? writerPrivileges : []),
    ...account.privileges,
  ];
  // The token of an app holds what its credentials were given; none listed: all of its owner's.
  return app && app.privileges.length > 0 ? app.privileges : own;
}

/** Has the caller this privilege? */
export function may(caller: Caller, privilege: string): boolean {
  return privilegesOf(caller).includes(privilege);
}

/** May the caller make something of its own? Publishers may, without its being in their list. */
export function mayMake(caller: Caller, privilege: string): boolean {
  const isPublisher = caller.account?.role === 'org_publisher' && !privilege.startsWith('portal:admin:');
  return may(caller, privilege) || (isPublisher && caller.app === null);
}

/** Is it the caller's own, or has the caller the administrator's privilege over it? */
export function mayAs(caller: Caller, owner: string, privilege: string): boolean {
  return caller.account !== null && (caller.account.username === owner || may(caller, privilege));
}

/** May the caller see the item? */
export function maySee(caller: Caller, item: PortalItem, org: Organization): boolean {
  const { access, owner } = item.record;
  if (access === 'public') return true;
  if (!caller.account) return false;
  if (access === 'org' || mayAs(caller, owner, 'portal:admin:viewItems')) return true;
  return [...item.groups].some((id) => org.groups.get(id)?.members.has(caller.account?.username ?? ''));
}
