import { z } from 'zod';
import { BackupError, isCode } from '../../errors.ts';
import type { Client } from '../connection/client.ts';
import { readWhole } from '../connection/list-all.ts';

/** A member of the organization, as the list of members has it. */
export interface Member {
  username: string;
  [field: string]: unknown;
}

const page = z.looseObject({
  total: z.number(),
  nextStart: z.number(),
  users: z.array(z.looseObject({ username: z.string().min(1).max(512) })),
});

/**
 * All members, also disabled ones, without Esri's system users. Throws LISTING_INCOMPLETE, AUTH_PRIVILEGE, AUTH_ANONYMOUS.
 * https://developers.arcgis.com/rest/users-groups-and-items/users/
 */
export async function listMembers(client: Client): Promise<Member[]> {
  const what = 'The list of members';
  const members = await readWhole<Member>(
    what,
    ({ username }) => username,
    async (start) => {
      const params = { start, num: 100, excludeSystemUsers: true, sortField: 'username', sortOrder: 'asc' };
      const { total, nextStart, users } = await client.json(page, { path: '/portals/self/users', params, what });
      return { total, nextStart, list: users };
    },
  ).catch((error: unknown) => {
    if (!isCode(error, 'PORTAL_REFUSED')) throw error;
    throw new BackupError('AUTH_PRIVILEGE', `${error.message} The privilege portal:admin:viewUsers is needed.`);
  });
  await checkOwn(client, members);
  return members;
}

/** Who is signed in is a member too; a list without them is the list of somebody else. */
async function checkOwn(client: Client, members: readonly Member[]): Promise<void> {
  const { username } = await client.session.identity();
  const own = username?.toLowerCase();
  const isListed = own === undefined || members.some((member) => member.username.toLowerCase() === own);
  if (members.length > 0 && isListed) return;
  throw new BackupError('AUTH_ANONYMOUS', `The portal's list of members lacks the account of the backup itself.`);
}
