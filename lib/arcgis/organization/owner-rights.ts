import { z } from 'zod';
import type { Client } from '../connection/client.ts';
import { PortalError, didSay } from '../connection/portal-error.ts';
import { segment } from '../connection/segment.ts';

/** Can a member own items? */
export type OwnerRight = 'gone' | 'may' | 'may-not';

const member = z.looseObject({
  role: z.string().nullish().catch(null),
  roleId: z.string().nullish().catch(null),
  privileges: z.array(z.string()).nullish().catch(null),
});
const rights = z.looseObject({ privileges: z.array(z.string()) });

/** Whoever has this may make items, and be given some. */
const owning = 'portal:user:createItem';

/**
 * Whether a member is there, and may own items: gone is only whom the portal says that it does not have, and may not is only whose role it
 * says so of. https://developers.arcgis.com/rest/users-groups-and-items/user/
 */
export async function readOwnerRight(client: Client, username: string): Promise<OwnerRight> {
  const path = `/community/users/${segment(username)}`;
  try {
    const { role, roleId, privileges } = await client.json(member, { path, what: `Member ${username}` });
    // Nobody has none: an empty list is one that is not told.
    if (privileges?.length) return privileges.includes(owning) ? 'may' : 'may-not';
    const own = roleId ?? role ?? '';
    return builtIn.test(own) || own === '' ? 'may' : await rightOfRole(client, own);
  } catch (error) {
    if (didSay(error, ({ code, message }) => code === 400 && /^User does not exist/i.test(message))) return 'gone';
    throw error;
  }
}

/** Administrator, publisher and user; viewers and data editors are roles as an organization's own (roles/{id}). */
const builtIn = /^(?:account|org)_(?:admin|publisher|user)$/;
const onlyLooking = new Set(['iAAAAAAAAAAAAAAA', 'iBBBBBBBBBBBBBBB']);

/** https://developers.arcgis.com/rest/users-groups-and-items/privileges/ */
async function rightOfRole(client: Client, roleId: string): Promise<OwnerRight> {
  if (onlyLooking.has(roleId)) return 'may-not';
  const path = `/portals/self/roles/${segment(roleId)}/privileges`;
  try {
    const { privileges } = await client.json(rights, { path, what: `The role ${roleId}` });
    return privileges.includes(owning) ? 'may' : 'may-not';
  } catch (error) {
    // What the portal does not tell, it will say when the item is given.
    if (error instanceof PortalError && /^(?:PORTAL_(?:REFUSED|ERROR|ANSWER)|ITEM_GONE)$/.test(error.code))
      return 'may';
    throw error;
  }
}
