import { z } from 'zod';
import type { Group, GroupContent } from '../../backup/organization.ts';
import type { Client } from '../connection/client.ts';
import { segment } from '../connection/segment.ts';
import { idIn, objectIn, textIn, timeIn, unreadable } from '../connection/fields.ts';
import { readAll, readWhole, type Listed } from '../connection/list-all.ts';

const numbers = { total: z.number(), nextStart: z.number() };
const groups = z.looseObject({ results: z.array(z.unknown()) });
const users = z.looseObject({
  owner: z.string().nullish(),
  admins: z.array(z.string()).nullish(),
  users: z.array(z.string()).nullish(),
});
const content = z.looseObject({ ...numbers, items: z.array(z.looseObject({ id: z.string() })) });

/**
 * All groups of the organization that the account sees; one with portal:admin:viewGroups sees all. Entries that are no groups,
 * and a total that is off, cost no others: they are told in `lacking`.
 * https://developers.arcgis.com/rest/users-groups-and-items/group-search/
 */
export async function listGroups(client: Client, orgId: string): Promise<Listed<Group>> {
  const what = 'The list of groups';
  const { list, lacking } = await readAll<Group>(
    what,
    { read: readGroupRecord, keyOf: ({ id }) => id },
    async (start) => {
      // New groups come last, so that the pages before them stay what they were.
      const params = { q: `orgid:${orgId}`, start, num: 100, sortField: 'created', sortOrder: 'asc' };
      const answer = await client.json(groups, { path: '/community/groups', params, what });
      return { total: answer['total'], nextStart: answer['nextStart'], list: answer.results };
    },
  );
  // The search reads words; another organization's group must not slip in.
  return { list: list.filter(({ orgId: own }) => own === undefined || own === null || own === orgId), lacking };
}

/** A group as far as it can be read; without an id nothing can be asked for. */
function readGroupRecord(value: unknown): Group | string {
  const record = objectIn(value);
  const id = idIn(record?.['id']);
  if (record === undefined || id === undefined) return unreadable(value);
  return { ...record, id, title: textIn(record['title']), created: timeIn(record['created']) };
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
