import { z } from 'zod';
import type { Group, GroupContent } from '../../backup/organization.ts';
import type { Client } from '../connection/client.ts';
import { segment } from '../connection/segment.ts';
import { didSay, PortalError } from '../connection/portal-error.ts';
import { idIn, kindOf, objectIn, readList, textIn, timeIn, unreadable } from '../connection/fields.ts';
import { readAll, type Listed } from '../connection/list-all.ts';
import { addTroubles, lackingIn, noTroubles } from '../connection/troubles.ts';
import { oneLine } from '../../backup/words.ts';
import type { BackupError } from '../../errors.ts';

const groups = z.looseObject({ results: z.array(z.unknown()) });
const users = z.looseObject({});
const content = z.looseObject({ items: z.array(z.unknown()) });

/** A group as far as it can be read, and why there may be more of it. */
export interface GroupRead {
  content: GroupContent;
  lacking: readonly BackupError[];
}

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

/**
 * The items that are shared with the organization's groups of these titles, by id, with the title of the group. One request for each
 * title, and where there is such a group one for the organization and one for each hundred items of it. Another organization may
 * have a public group of that title: what it holds means nothing here. Throws LISTING_INCOMPLETE where a list is not whole.
 * @param orgId asked for only where there is a group
 */
export async function itemsOfGroups(
  client: Client,
  titles: readonly string[],
  orgId: () => Promise<string>,
): Promise<Map<string, string>> {
  const items = new Map<string, string>();
  for (const title of titles) {
    const what = `The groups called ${oneLine(title, 60)}`;
    const params = { q: `title:"${title.replace(/["\\]/g, ' ')}"`, start: 1, num: 100 };
    const answer = await client.json(groups, { path: '/community/groups', params, what });
    const found = answer.results.map(readGroupRecord).filter((group) => typeof group === 'object');
    for (const group of found.filter((each) => isTitled(each, title))) {
      if (group.orgId !== (await orgId())) continue;
      const { list, lacking } = await readShared(client, group.id);
      if (lacking) throw lacking;
      for (const { id } of list) items.set(id, title);
    }
  }
  return items;
}

/** What a group is called by in the search. */
export type GroupTerms = { tag: string } | { title: string; owner: string };

/**
 * The groups of the organization that bear a tag, or have this title and owner; at most 100. The search may lag behind.
 * https://developers.arcgis.com/rest/users-groups-and-items/group-search/
 */
export async function searchGroups(client: Client, orgId: string, terms: GroupTerms): Promise<Group[]> {
  const quoted = (text: string) => `"${text.replace(/["\\]/g, ' ')}"`;
  const words =
    'tag' in terms ? `tags:${quoted(terms.tag)}` : `title:${quoted(terms.title)} owner:${quoted(terms.owner)}`;
  const what = `The groups with ${oneLine(words, 80)}`;
  const params = { q: `${words} orgid:${orgId}`, start: 1, num: 100 };
  const answer = await client.json(groups, { path: '/community/groups', params, what });
  const found = answer.results.map(readGroupRecord).filter((group) => typeof group === 'object');
  return found.filter((group) => {
    if ('tag' in terms) return Array.isArray(group['tags']) && group['tags'].includes(terms.tag);
    return group.title === terms.title && group['owner'] === terms.owner;
  });
}

/** One group; undefined when the portal says that there is none, or none for this account. */
export async function findGroup(client: Client, id: string): Promise<Group | undefined> {
  const what = `Group ${id}`;
  try {
    const group = readGroupRecord(await client.json(users, { path: `/community/groups/${segment(id)}`, what }));
    if (typeof group === 'object') return group;
    throw new PortalError('PORTAL_ANSWER', `${what} ${group}.`);
  } catch (error) {
    if (didSay(error, ({ code, message }) => code === 400 && /^Group does not exist/i.test(message))) return undefined;
    throw error;
  }
}

/** The search reads words, and knows no case. */
function isTitled({ title }: Group, wanted: string): boolean {
  return title?.trim().toLowerCase() === wanted.trim().toLowerCase();
}

/** A group as far as it can be read; without an id nothing can be asked for. */
function readGroupRecord(value: unknown): Group | string {
  const record = objectIn(value);
  const id = idIn(record?.['id']);
  if (record === undefined || id === undefined) return unreadable(value);
  return { ...record, id, title: textIn(record['title']), created: timeIn(record['created']) };
}

/**
 * Who is in a group and what is shared with it: two requests, and one more for each further hundred items. An entry that is
 * neither a member nor an item, and a total that is off, cost no others.
 * https://developers.arcgis.com/rest/users-groups-and-items/group-users/
 */
export async function readGroup(client: Client, id: string): Promise<GroupRead> {
  const what = `The members of group ${id}`;
  const who = await client.json(users, { path: `/community/groups/${segment(id)}/users`, what });
  const admins = readNames(who['admins'], 'administrator');
  const members = readNames(who['users'], 'member');
  const items = await readShared(client, id);
  const unread = [...admins.unread, ...members.unread];
  const lacking = [lackingIn(what, addTroubles(noTroubles, { unread })), items.lacking];
  return {
    content: {
      owner: textIn(who['owner']) ?? null,
      admins: admins.list,
      members: members.list,
      items: items.list.map((item) => item.id).sort(),
    },
    lacking: lacking.filter((each) => each !== undefined),
  };
}

/** Usernames, sorted; null where the portal tells no list of them. */
function readNames(value: unknown, noun: string): { list: string[] | null; unread: string[] } {
  const nameIn = (entry: unknown) => (typeof entry === 'boolean' ? undefined : textIn(entry)?.trim() || undefined);
  const { list, unread } = readList(
    value,
    nameIn,
    (name) => name,
    noun,
    (entry) => `is ${kindOf(entry)}`,
  );
  return { list: Array.isArray(value) ? list.sort() : null, unread };
}

function readShared(client: Client, id: string): Promise<Listed<{ id: string }>> {
  const what = `The content of group ${id}`;
  const path = `/content/groups/${segment(id)}`;
  return readAll<{ id: string }>(what, { read: readSharedItem, keyOf: (item) => item.id }, async (start) => {
    const answer = await client.json(content, { path, params: { start, num: 100 }, what });
    return { total: answer['total'], nextStart: answer['nextStart'], list: answer.items };
  });
}

function readSharedItem(value: unknown): { id: string } | string {
  const id = idIn(objectIn(value)?.['id']);
  return id === undefined ? unreadable(value) : { id };
}
