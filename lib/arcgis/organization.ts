import { z } from 'zod';
import type { GroupRecord } from '../backup/organization.ts';
import type { Client } from './client.ts';
import { readWhole } from './whole.ts';

const anything = z.looseObject({});
const numbers = { total: z.number(), nextStart: z.number() };
const group = z.looseObject({
  id: z.string().regex(/^[0-9A-Za-z]{1,64}$/),
  title: z.string().nullish(),
  created: z.number().nullish(),
  orgId: z.string().nullish(),
});
const groups = z.looseObject({ ...numbers, results: z.array(group) });
const roles = z.looseObject({ ...numbers, roles: z.array(z.looseObject({ id: z.string() })) });
const members = z.looseObject({
  owner: z.string().nullish(),
  admins: z.array(z.string()).nullish(),
  users: z.array(z.string()).nullish(),
});
const content = z.looseObject({ ...numbers, items: z.array(z.looseObject({ id: z.string() })) });

/** The organization's description. https://developers.arcgis.com/rest/users-groups-and-items/portal-self/ */
export function readSelf(client: Client): Promise<Record<string, unknown>> {
  return client.json(anything, { path: '/portals/self', what: 'The description of the organization' });
}

/** The organization's own roles. Throws LISTING_INCOMPLETE. */
export function readRoles(client: Client): Promise<Record<string, unknown>[]> {
  const what = 'The list of roles';
  return readWhole<{ id: string } & Record<string, unknown>>(
    what,
    ({ id }) => id,
    async (start) => {
      const answer = await client.json(roles, { path: '/portals/self/roles', params: { start, num: 100 }, what });
      return { total: answer.total, nextStart: answer.nextStart, list: answer.roles };
    },
  );
}

/**
 * All groups that the account sees (an administrator: all), with who is in them and what is shared with them: two requests
 * a group and one for each hundred. Throws LISTING_INCOMPLETE.
 * https://developers.arcgis.com/rest/users-groups-and-items/group-search/
 */
export async function readGroups(client: Client, orgId: string): Promise<GroupRecord[]> {
  const what = 'The list of groups';
  const found = await readWhole<z.infer<typeof group>>(
    what,
    ({ id }) => id,
    async (start) => {
      const params = { q: `orgid:${orgId}`, start, num: 100, sortField: 'created', sortOrder: 'asc' };
      const answer = await client.json(groups, { path: '/community/groups', params, what });
      return { total: answer.total, nextStart: answer.nextStart, list: answer.results };
    },
  );
  const records: GroupRecord[] = [];
  // The search reads words; another organization's group must not slip in.
  for (const each of found.filter(({ orgId: own }) => own === undefined || own === null || own === orgId)) {
    const who = await client.json(members, {
      path: `/community/groups/${each.id}/users`,
      what: `The members of group ${each.id}`,
    });
    const sorted = (names: readonly string[] | null | undefined) => [...(names ?? [])].sort();
    const items = await readShared(client, each.id);
    const { title, created, ...record } = each;
    records.push({
      record: { ...record, title, created },
      title: title ?? '',
      created: created ?? 0,
      owner: who.owner ?? null,
      admins: sorted(who.admins),
      members: sorted(who.users),
      items,
    });
  }
  return records;
}

async function readShared(client: Client, groupId: string): Promise<string[]> {
  const what = `The content of group ${groupId}`;
  const items = await readWhole<{ id: string }>(
    what,
    ({ id }) => id,
    async (start) => {
      const answer = await client.json(content, {
        path: `/content/groups/${groupId}`,
        params: { start, num: 100 },
        what,
      });
      return { total: answer.total, nextStart: answer.nextStart, list: answer.items };
    },
  );
  return items.map(({ id }) => id).sort();
}
