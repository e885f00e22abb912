import { z } from 'zod';
import { BackupError, isCode } from '../../errors.ts';
import type { Client } from '../connection/client.ts';
import { kindOf, objectIn, textIn } from '../connection/fields.ts';
import { readAll, type Listed } from '../connection/list-all.ts';
import { oneLine } from '../../backup/words.ts';

/** A member of the organization, as the list of members has it. */
export interface Member {
  username: string;
  [field: string]: unknown;
}

const page = z.looseObject({ users: z.array(z.unknown()) });

/** A longer one is no name, and no address holds it. */
const mostCharacters = 512;

/**
 * All members, also disabled ones, without Esri's system users. Entries that are no members, and a total that is off, cost no
 * others: they are told in `lacking`. Throws AUTH_PRIVILEGE, AUTH_ANONYMOUS, and what `lacking` says when nobody is listed.
 * https://developers.arcgis.com/rest/users-groups-and-items/users/
 */
export async function listMembers(client: Client): Promise<Listed<Member>> {
  const what = 'The list of members';
  // A username is the same in any letter case.
  const reader = { read: readMember, keyOf: ({ username }: Member) => username.toLowerCase() };
  const members = await readAll(what, reader, async (start) => {
    const params = { start, num: 100, excludeSystemUsers: true, sortField: 'username', sortOrder: 'asc' };
    const answer = await client.json(page, { path: '/portals/self/users', params, what });
    return { total: answer['total'], nextStart: answer['nextStart'], list: answer.users };
  }).catch((error: unknown) => {
    if (!isCode(error, 'PORTAL_REFUSED')) throw error;
    throw new BackupError('AUTH_PRIVILEGE', `${error.message} The privilege portal:admin:viewUsers is needed.`);
  });
  await checkOwn(client, members);
  return members;
}

/** An entry as a member; a sentence's end when nobody can tell whose it is. All else goes through as it is. */
function readMember(value: unknown): Member | string {
  const record = objectIn(value);
  if (record === undefined) return `is ${kindOf(value)}`;
  const username = typeof record['username'] === 'boolean' ? undefined : textIn(record['username']);
  if (username !== undefined && username !== '' && username.length <= mostCharacters) return { ...record, username };
  const name = textIn(record['fullName']);
  const who = name === undefined ? '' : `("${oneLine(name, 60)}") `;
  return `${who}has no username that can be asked for (${kindOf(record['username'])})`;
}

/**
 * Who is signed in is a member too; a list without them is the list of somebody else, unless it is lacking anyway and the
 * portal, asked once more, still knows us.
 */
async function checkOwn(client: Client, { list, lacking }: Listed<Member>): Promise<void> {
  const { username } = await client.session.identity();
  const own = username?.toLowerCase();
  const isListed = own === undefined || list.some((member) => member.username.toLowerCase() === own);
  if (list.length > 0 && isListed) return;
  if (lacking === undefined)
    throw new BackupError('AUTH_ANONYMOUS', `The portal's list of members lacks the account of the backup itself.`);
  await client.session.prove();
  if (list.length === 0) throw lacking;
}
