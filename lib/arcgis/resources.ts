import { getItemResources } from '@esri/arcgis-rest-portal';
import { z } from 'zod';
import { BackupError } from '../errors.ts';
import { shaped, type Client } from './client.ts';

/** A file that lies beside an item, as the list of resources has it. */
export interface Resource {
  /** may hold slashes */
  name: string;
  /** bytes; undefined when the portal does not say */
  size: number | undefined;
  isPrivate: boolean;
}

const page = z.looseObject({
  total: z.number(),
  nextStart: z.number(),
  resources: z.array(
    z.looseObject({ resource: z.string().min(1), size: z.number().nullish(), access: z.string().nullish() }),
  ),
});

const mostTries = 3;

/**
 * All resources of an item, in the order of their names. Read again when the list moved meanwhile; throws
 * LISTING_INCOMPLETE when its sum never is the portal's total.
 * https://developers.arcgis.com/rest/users-groups-and-items/item-resources/
 */
export async function listResources(client: Client, id: string): Promise<Resource[]> {
  for (let tries = 1; tries <= mostTries; tries++) {
    const found = await readAll(client, id);
    if (found !== undefined) return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }
  throw new BackupError('LISTING_INCOMPLETE', `The resources of ${id} changed each time they were listed.`);
}

async function readAll(client: Client, id: string): Promise<Map<string, Resource> | undefined> {
  const what = `The resources of ${id}`;
  const found = new Map<string, Resource>();
  for (let start = 1; ;) {
    const options = { ...client.options(what), httpMethod: 'GET' as const, params: { start, num: 100 } };
    const answer = shaped(page, await getItemResources(encodeURIComponent(id), options), what);
    for (const { resource: name, size, access } of answer.resources) {
      found.set(name, { name, size: size ?? undefined, isPrivate: access === 'private' });
    }
    if (answer.nextStart <= 0) return found.size === answer.total ? found : undefined;
    if (answer.nextStart <= start) return undefined;
    start = answer.nextStart;
  }
}
