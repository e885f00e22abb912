import { z } from 'zod';
import { isNone } from '../connection/portal-error.ts';
import type { Client } from '../connection/client.ts';

const schema = z.looseObject({ categorySchema: z.array(z.unknown()) });

/**
 * The organization's schema of categories, as the portal's JSON has it; empty where none was made. Undefined where the portal
 * knows no such thing, as an older Enterprise. https://developers.arcgis.com/rest/users-groups-and-items/category-schema/
 */
export async function readCategories(client: Client): Promise<readonly unknown[] | undefined> {
  const what = 'The schema of categories';
  try {
    return (await client.json(schema, { path: '/portals/self/categorySchema', what })).categorySchema;
  } catch (error) {
    if (isNone(error)) return undefined;
    throw error;
  }
}
