import { getItemResources } from '@esri/arcgis-rest-portal';
import { z } from 'zod';
import { shaped, type Client } from '../connection/client.ts';
import { segment } from '../connection/segment.ts';
import { readWhole } from '../connection/list-all.ts';

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

/**
 * All resources of an item, in the order of their names. Throws LISTING_INCOMPLETE.
 * https://developers.arcgis.com/rest/users-groups-and-items/item-resources/
 */
export async function listResources(client: Client, id: string): Promise<Resource[]> {
  const what = `The list of resources of ${id}`;
  const ask = async (start: number) => {
    const options = { ...client.options(what), httpMethod: 'GET' as const, params: { start, num: 100 } };
    const { total, nextStart, resources } = shaped(page, await getItemResources(segment(id), options), what);
    const list = resources.map(({ resource: name, size, access }): Resource => ({
      name,
      size: size ?? undefined,
      isPrivate: access === 'private',
    }));
    return { total, nextStart, list };
  };
  const all = await readWhole<Resource>(what, ({ name }) => name, ask);
  return all.sort((a, b) => (a.name < b.name ? -1 : 1));
}
