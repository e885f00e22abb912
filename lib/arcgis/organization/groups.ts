import { z } from 'zod';
import type { Group, GroupContent } from '../../backup/organization.ts';
import type { Client } from '../connection/client.ts';
import { segment } from '../connection/segment.ts';
import { readWhole } from '../connection/list-all.ts';

const numbers = { total: z.number(), nextStart: z.number() };
const group = z.looseObject({
  id: z.string().regex(/^[0-9A-Za-z]{1,64}$/),
  title: z.string().nullish(),
  created: z.number().nullish(),
  orgId: z.string().nullish(),
});
const groups = z.looseObject({ ...numbers, results: z.array(group) });
const users = z.looseObject({
  owner: z.string().nullish(),
  admins: z.array(z.string()).nullish(),
  users: z.array(z.string()).nullish(),
});
const content = z.looseObject({ ...numbers, items: z.array(z.looseObject({ id: z.string() })) });

/**
 * All groups of the organization that the account sees; one with portal:admin:viewGroups sees all. Throws
 * LISTING_INCOMPLETE. https://developers.arcgis.com/rest/users-groups-and-items/group-search/
 */
export async function listGroups(client: Client, orgId: string): Promise<Group[]> {
  const what = 'The list of groups';
  const found = await readWhole<z.infer<typeof group>>(
    what,
    ({ id }) => id,
    async (start) => {
      // New groups come last, so that the pages before them stay what they were.
      const params = { q: `orgid:${orgId}`, start, num: 100, sortField: 'created', sortOrder: 'asc' };
      const { total, nextStart, results } = await client.json(groups, { path: '/community/groups', params, what });
      return { total, nextStart, list: results };
    },
  );
  // The search reads words; another organization's group must not slip in.
  return found.filter(({ orgId: own }) => own === undefined || own === null || own === orgId);
}

/**
 * Who is in a group and what is shared with it: two requests, and one more for each further hundred items. Throws
 * LISTING_INCOMPLETE. https://developers.arcgis.com/rest/users-groups-and-items/group-users/
 */
export async function readGroup(client: Client, id: string): Promise<GroupContent> {
  const what = `The members of group ${id}`;
  const who = await client.json(users, { path: `/community/groups/${segment(id)}/users`, what });
  return {
    owner: who.owner ?? null,
    admins: who.admins ? [...who.admins].sort() : null,
    members: who.users ? [...who.users].sort() : null,
    items: await readShared(client, id),
  };
}

async function readShared(client: Client, id: string): Promise<string[]> {
  const what = `The content of group ${id}`;
  const path = `/content/groups/${segment(id)}`;
  const items = await readWhole<{ id: string }>(
    what,
    (item) => item.id,
    async (start) => {
      const answer = await client.json(content, { path, params: { start, num: 100 }, what });
      return { total: answer.total, nextStart: answer.nextStart, list: answer.items };
    },
  );
  return items.map((item) => item.id).sort();
}
