import { getItemResources } from '@esri/arcgis-rest-portal';
import { z } from 'zod';
import { shaped, type Client } from '../connection/client.ts';
import { segment } from '../connection/segment.ts';
import { kindOf, numberIn, objectIn, textIn } from '../connection/fields.ts';
import { readAll, type Listed } from '../connection/list-all.ts';

/** A file that lies beside an item, as the list of resources has it. */
export interface Resource {
  /** may hold slashes */
  name: string;
  /** bytes; undefined when the portal does not say */
  size: number | undefined;
  isPrivate: boolean;
}

const page = z.looseObject({ resources: z.array(z.unknown()) });

/**
 * All resources of an item, in the order of their names. Entries that are no resources, and a total that is off, cost no others:
 * they are told in `lacking`. https://developers.arcgis.com/rest/users-groups-and-items/item-resources/
 */
export async function listResources(client: Client, id: string): Promise<Listed<Resource>> {
  const what = `The list of resources of ${id}`;
  const ask = async (start: number) => {
    const options = { ...client.options(what), httpMethod: 'GET' as const, params: { start, num: 100 } };
    const answer: z.infer<typeof page> = shaped(page, await getItemResources(segment(id), options), what);
    return { total: answer['total'], nextStart: answer['nextStart'], list: answer.resources };
  };
  const { list, lacking } = await readAll<Resource>(what, { read: readResource, keyOf: ({ name }) => name }, ask);
  return { list: list.sort((a, b) => (a.name < b.name ? -1 : 1)), lacking };
}

function readResource(value: unknown): Resource | string {
  const record = objectIn(value);
  if (record === undefined) return `is ${kindOf(value)}`;
  const name = textIn(record['resource']);
  if (name === undefined || name === '') return `has no name that can be asked for (${kindOf(record['resource'])})`;
  return { name, size: numberIn(record['size']), isPrivate: record['access'] === 'private' };
}
