import { errors, failure, file, json, type Answer } from '../answers.ts';
import type { Ask, Route } from '../ask.ts';
import { pageOf } from '../paging.ts';
import { may, maySee } from '../tokens.ts';
import type { Group, PortalItem } from '../words.ts';
import { root, wireItem } from './wire.ts';

function maySeeGroup(ask: Ask, { access, members, owner }: Group): boolean {
  const own = ask.caller.account?.username;
  if (access === 'public') return true;
  if (own === undefined) return false;
  return access === 'org' || owner === own || members.has(own) || may(ask.caller, 'portal:admin:viewGroups');
}

/** A group as it goes over the wire. */
export function wireGroup(
  ask: Ask,
  { id, title, owner, access, created, capabilities, more }: Group,
): Record<string, unknown> {
  return {
    id,
    title,
    owner,
    access,
    created,
    modified: created,
    orgId: ask.state.org.id,
    description: null,
    tags: [],
    isInvitationOnly: true,
    ...(capabilities && { capabilities }),
    ...more,
  };
}

function search(ask: Ask): Answer {
  const q = ask.params.get('q') ?? '';
  const title = /title:"([^"]+)"/.exec(q)?.[1]?.toLowerCase();
  const all = [...ask.state.org.groups.values()].filter((group) => maySeeGroup(ask, group));
  const some = all.filter(
    (group) => (title === undefined || group.title.toLowerCase().includes(title)) && meetsGroup(group, q),
  );
  const { numbers, part } = pageOf(ask, some);
  return json({ query: q, ...numbers, results: part.map((group) => wireGroup(ask, group)) });
}

/** Does it meet the owner, the id, the tags and the type keywords in `q`? */
function meetsGroup({ id, owner, more }: Group, q: string): boolean {
  const held: Record<string, unknown> = { owner, id, tags: more?.['tags'], typekeywords: more?.['typeKeywords'] };
  return termsOf(q, 'owner|id|tags|typekeywords').every(([field, wanted]) => holds(held[field], wanted));
}

/** Terms `field:word` or `field:"words"` of a search. */
function termsOf(q: string, fields: string): [field: string, wanted: string][] {
  const found = [...q.matchAll(new RegExp(`\\b(${fields}):\\s*(?:"([^"]*)"|([^\\s")]+))`, 'gi'))];
  return found.map(([, field = '', quoted, bare]) => [field.toLowerCase(), quoted ?? bare ?? '']);
}

function holds(value: unknown, wanted: string): boolean {
  return Array.isArray(value) ? value.includes(wanted) : value === wanted;
}

function seen(ask: Ask, id: string): Group | undefined {
  const group = ask.state.org.groups.get(id);
  return group && maySeeGroup(ask, group) ? group : undefined;
}

function one(ask: Ask, id = ''): Answer {
  const group = seen(ask, id);
  return group ? json(wireGroup(ask, group)) : errors.groupGone();
}

function users(ask: Ask, id = ''): Answer {
  const group = seen(ask, id);
  return group
    ? json({
        owner: group.owner,
        admins: [...new Set([group.owner, ...(group.admins ?? [])])],
        users: [...group.members].sort(),
      })
    : errors.groupGone();
}

/** What is shared with the group; `key` is where the list stands. */
function content(key: 'items' | 'results') {
  return (ask: Ask, id = ''): Answer => {
    const group = seen(ask, id);
    if (!group) return errors.groupGone();
    const { items } = ask.state.org;
    const all = [...group.items].flatMap((item) => items.get(item) ?? []);
    const shown = all.filter((item) => !item.recycled && maySee(ask.caller, item, ask.state.org));
    const { numbers, part } = pageOf(ask, shown);
    return json({ ...numbers, [key]: part.map((item) => wireItem(ask, item)) });
  };
}

function thumbnail(ask: Ask, id = ''): Answer {
  const picture = seen(ask, id)?.picture;
  return picture ? file(picture) : errors.groupGone();
}

function roles(ask: Ask): Answer {
  const { numbers } = pageOf(ask, []);
  return json({ ...numbers, roles: [] });
}

/** What a role of the organization's own may; for administrators. */
function roleRights(ask: Ask, id = ''): Answer {
  if (!may(ask.caller, 'portal:admin:viewUsers')) return errors.forbidden();
  const held = [...ask.state.org.accounts.values()].find(({ roleId }) => roleId === id);
  return held
    ? json({ id, privileges: held.privileges })
    : failure({ code: 400, message: 'Role does not exist or is inaccessible.' });
}

/** Does the item meet the owner, type, id and words in `q`? Everything else in it counts as met. */
function meets({ record, groups }: PortalItem, q: string): boolean {
  const held: Record<string, unknown> = { ...record, typekeywords: record.typeKeywords, group: [...groups] };
  return termsOf(q, 'owner|type|id|tags|typekeywords|group').every(([field, wanted]) => holds(held[field], wanted));
}

/** The index of the search may not know yet what was made a moment ago (restore.md 0). */
function isLate(ask: Ask, { record }: PortalItem): boolean {
  return ask.state.writing.searchLags && ask.state.made.has(record.id);
}

/** Search over all items; anonymous callers see public ones only, sizes are unknown (arcgis-rest.md 4.2). */
function items(ask: Ask): Answer {
  const q = ask.params.get('q') ?? '';
  const all = [...ask.state.org.items.values()].filter(
    (item) => !item.recycled && !isLate(ask, item) && meets(item, q) && maySee(ask.caller, item, ask.state.org),
  );
  const { numbers, part } = pageOf(ask, all);
  return json({
    query: q,
    ...numbers,
    results: part.map((item) => ({ ...wireItem(ask, item), size: -1 })),
  });
}

/** Groups and search. */
export const groupRoutes: Route[] = [
  { pattern: new RegExp(`${root}/community/groups$`), answer: search },
  { pattern: new RegExp(`${root}/community/groups/([0-9a-f]{32})$`), answer: one },
  { pattern: new RegExp(`${root}/community/groups/([0-9a-f]{32})/users$`), answer: users },
  { pattern: new RegExp(`${root}/community/groups/([0-9a-f]{32})/info/.+$`), answer: thumbnail },
  { pattern: new RegExp(`${root}/content/groups/([0-9a-f]{32})$`), answer: content('items') },
  { pattern: new RegExp(`${root}/content/groups/([0-9a-f]{32})/search$`), answer: content('results') },
  { pattern: new RegExp(`${root}/portals/[^/]+/roles$`), answer: roles },
  { pattern: new RegExp(`${root}/portals/[^/]+/roles/([^/]+)/privileges$`), answer: roleRights },
  { pattern: new RegExp(`${root}/search$`), answer: items },
];
