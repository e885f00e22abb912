import { z } from 'zod';
import { decoded } from '../../decoded.ts';
import type { Client } from '../connection/client.ts';

const answer = z.looseObject({ available: z.boolean() });

/**
 * Could a hosted feature service get this name? One in a recycle bin keeps its name, and a yes is no promise (restore.md 0 and 3.1).
 */
export async function isServiceNameFree(client: Client, name: string): Promise<boolean> {
  const call = {
    path: '/portals/self/isServiceNameAvailable',
    params: { name, type: 'Feature Service' },
    what: 'Asking for a name',
  };
  return (await client.json(answer, call)).available;
}

const address = /\/rest\/services\/(?:[^/?#]+\/)*?([^/?#]+)\/FeatureServer(?=[/?#]|$)/i;

/** The name of a service by its address; undefined of what is no address of a feature service. */
export function serviceNameIn(url: string | null | undefined): string | undefined {
  const found = address.exec(url ?? '')?.[1];
  return found === undefined ? undefined : decoded(found);
}
