import { getItem } from '@esri/arcgis-rest-portal';
import type { Item } from '../../backup/item.ts';
import { shaped, type Client } from '../connection/client.ts';
import { didSay, isGone } from '../connection/portal-error.ts';
import { itemSchema } from './item.ts';
import { segment } from '../connection/segment.ts';

/** An item, or undefined when the portal says that it does not exist. https://developers.arcgis.com/rest/users-groups-and-items/item/ */
export async function readItem(client: Client, id: string): Promise<Item | undefined> {
  const what = `Item ${id}`;
  try {
    // rest-js adds the address of the thumbnail to what the portal said.
    const { thumbnailUrl: _, ...item } = await getItem(segment(id), client.options(what));
    return shaped(itemSchema, item, what);
  } catch (error) {
    if (didSay(error, isGone)) return undefined;
    throw error;
  }
}
