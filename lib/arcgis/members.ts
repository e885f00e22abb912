import { z } from 'zod';
import { BackupError } from '../errors.ts';
import type { Client } from './client.ts';
import { PortalFault } from './fault.ts';

/** A member of the organization, as the list of members has it. */
export interface Member {
  username: string;
}

const page = z.looseObject({
  total: z.number(),
  nextStart: z.number(),
  users: z.array(z.looseObject({ username: z.string().min(1).max(512) })),
});

const mostTries = 3;

/**
 * All members, also disabled ones, without Esri's system users. The list is read again when it changed meanwhile: its
 * length must be the portal's own `total`, with nobody twice. Throws LISTING_INCOMPLETE, AUTH_PRIVILEGE, AUTH_ANONYMOUS.
 * https://developers.arcgis.com/rest/users-groups-and-items/users/
 */
export async function listMembers(client: Client): Promise<Member[]> {
  for (let tries = 1; tries <= mostTries; tries++) {
    const members = await readAll(client);
    if (members === undefined) continue;
    await checkOwn(client, members);
    return members;
  }
  throw new BackupError('LISTING_INCOMPLETE', `The list of members changed ${mostTries} times while it was read.`);
}

async function readAll(client: Client): Promise<Member[] | undefined> {
  const found = new Map<string, Member>();
  let total: number | undefined;
  let seen = 0;
  for (let start = 1; start > 0;) {
    const params = { start, num: 100, excludeSystemUsers: true, sortField: 'username', sortOrder: 'asc' };
    const answer = await readPage(client, params);
    if (total !== undefined && answer.total !== total) return undefined;
    total = answer.total;
    for (const { username } of answer.users) found.set(username, { username });
    seen += answer.users.length;
    if (answer.nextStart > 0 && answer.nextStart <= start) return undefined;
    start = answer.nextStart;
  }
  return found.size === total && seen === total ? [...found.values()] : undefined;
}

async function readPage(client: Client, params: Record<string, string | number | boolean>) {
  const what = 'The list of members';
  try {
    return await client.json(page, { path: '/portals/self/users', params, what });
  } catch (error) {
    if (!(error instanceof PortalFault) || error.code !== 'PORTAL_REFUSED') throw error;
    throw new BackupError('AUTH_PRIVILEGE', `${error.message} The privilege portal:admin:viewUsers is needed.`);
  }
}

/** Who is signed in is a member too; a list without them is the list of somebody else. */
async function checkOwn(client: Client, members: readonly Member[]): Promise<void> {
  const { username } = await client.session.identity();
  const own = username?.toLowerCase();
  const isListed = own === undefined || members.some((member) => member.username.toLowerCase() === own);
  if (members.length > 0 && isListed) return;
  throw new BackupError('AUTH_ANONYMOUS', `The portal's list of members lacks the account of the backup itself.`);
}
