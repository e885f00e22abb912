import { z } from 'zod';
import { BackupError } from '../../errors.ts';
import type { Client } from '../connection/client.ts';
import { readWhole } from '../connection/list-all.ts';

/** The organization's description; `id` names it in searches. */
export interface Self {
  id: string;
  [field: string]: unknown;
}

const self = z.looseObject({ id: z.string().min(1) });
const roles = z.looseObject({
  total: z.number(),
  nextStart: z.number(),
  roles: z.array(z.looseObject({ id: z.string() })),
});

/**
 * The organization's description. Throws AUTH_ANONYMOUS when the portal describes itself as it does to strangers, under
 * another id. https://developers.arcgis.com/rest/users-groups-and-items/portal-self/
 */
export async function readSelf(client: Client): Promise<Self> {
  const what = 'The description of the organization';
  const found = await client.json(self, { path: '/portals/self', what });
  if (isSomebody(found['user']) || isSomebody(found['appInfo'])) return found;
  throw new BackupError('AUTH_ANONYMOUS', `${what}: the portal answers as if nobody had signed in.`);
}

function isSomebody(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
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
