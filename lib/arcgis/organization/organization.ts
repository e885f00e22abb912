import { z } from 'zod';
import { BackupError } from '../../errors.ts';
import type { Client } from '../connection/client.ts';
import { objectIn, textIn, unreadable } from '../connection/fields.ts';
import { readAll, type Listed } from '../connection/list-all.ts';

/** The organization's description; `id` names it in searches. */
export interface Self {
  id: string;
  [field: string]: unknown;
}

const self = z.looseObject({ id: z.string().min(1) });
const roles = z.looseObject({ roles: z.array(z.unknown()) });

/** A role of the organization's own, as the list of roles has it. */
export interface OwnRole {
  id: string;
  [field: string]: unknown;
}

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

/**
 * The organization's own roles. Entries that are no roles, and a total that is off, cost no others: they are told in `lacking`.
 * https://developers.arcgis.com/rest/users-groups-and-items/roles/
 */
export function readRoles(client: Client): Promise<Listed<OwnRole>> {
  const what = 'The list of roles';
  return readAll<OwnRole>(what, { read: readRole, keyOf: ({ id }) => id }, async (start) => {
    const answer = await client.json(roles, { path: '/portals/self/roles', params: { start, num: 100 }, what });
    return { total: answer['total'], nextStart: answer['nextStart'], list: answer.roles };
  });
}

function readRole(value: unknown): OwnRole | string {
  const record = objectIn(value);
  const id = textIn(record?.['id']);
  return record === undefined || id === undefined || id === '' ? unreadable(value) : { ...record, id };
}
