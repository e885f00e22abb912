import { z } from 'zod';
import { decoded } from '../../decoded.ts';
import type { Client } from '../connection/client.ts';

const answer = z.looseObject({ available: z.boolean() });

/**
 * Could a hosted service of this type get this name? One in a recycle bin keeps its name, and a yes is no promise (restore.md 0 and 3.1).
 */
export async function isServiceNameFree(client: Client, name: string, type = 'Feature Service'): Promise<boolean> {
  const call = {
    path: '/portals/self/isServiceNameAvailable',
    params: { name, type },
    what: 'Asking for a name',
  };
  return (await client.json(answer, call)).available;
}

const address = /\/rest\/services\/(?:[^/?#]+\/)*?([^/?#]+)\/(?:Feature|Map|VectorTile|Scene)Server(?=[/?#]|$)/i;

/** The name of a service by its address; undefined of what is no address of one that may be hosted. */
export function serviceNameIn(url: string | null | undefined): string | undefined {
  const found = address.exec(url ?? '')?.[1];
  return found === undefined ? undefined : decoded(found);
}
