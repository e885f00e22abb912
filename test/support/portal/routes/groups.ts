import { errors, json, type Answer } from '../answers.ts';
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

function wireGroup(ask: Ask, { id, title, owner, access, created }: Group): Record<string, unknown> {
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
  };
}

function search(ask: Ask): Answer {
  const q = ask.params.get('q') ?? '';
  const title = /title:"([^"]+)"/.exec(q)?.[1]?.toLowerCase();
  const all = [...ask.state.org.groups.values()].filter((group) => maySeeGroup(ask, group));
  const some = all.filter((group) => title === undefined || group.title.toLowerCase().includes(title));
  const { numbers, part } = pageOf(ask, some);
  return json({ query: q, ...numbers, results: part.map((group) => wireGroup(ask, group)) });
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
    ? json({ owner: group.owner, admins: [group.owner], users: [...group.members].sort() })
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

function roles(ask: Ask): Answer {
  const { numbers } = pageOf(ask, []);
  return json({ ...numbers, roles: [] });
}

/** Does the item meet the owner, type and id in `q`? Everything else in it counts as met. */
function meets({ record }: PortalItem, q: string): boolean {
  const wanted = [...q.matchAll(/\b(owner|type|id):(?:"([^"]*)"|([^\s")]+))/g)];
  return wanted.every(([, field = '', quoted, bare]) => record[field] === (quoted ?? bare));
}

/** Search over all items; anonymous callers see public ones only, sizes are unknown (arcgis-rest.md 4.2). */
function items(ask: Ask): Answer {
  const q = ask.params.get('q') ?? '';
  const all = [...ask.state.org.items.values()].filter(
    (item) => !item.recycled && meets(item, q) && maySee(ask.caller, item, ask.state.org),
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
  { pattern: new RegExp(`${root}/content/groups/([0-9a-f]{32})$`), answer: content('items') },
  { pattern: new RegExp(`${root}/content/groups/([0-9a-f]{32})/search$`), answer: content('results') },
  { pattern: new RegExp(`${root}/portals/[^/]+/roles$`), answer: roles },
  { pattern: new RegExp(`${root}/search$`), answer: items },
];
