import { getItem } from '@esri/arcgis-rest-portal';
import { z } from 'zod';
import type { Item } from '../backup/words.ts';
import { shaped, type Client } from './client.ts';
import { didSay, isGone } from './fault.ts';
import { itemSchema } from './item.ts';
import { segment } from './segment.ts';

const anything = z.looseObject({});

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

/** Does the organization have this member? False only when the portal says that there is none. */
export async function memberExists(client: Client, username: string): Promise<boolean> {
  const path = `/community/users/${segment(username)}`;
  try {
    await client.json(anything, { path, what: `Member ${username}` });
    return true;
  } catch (error) {
    if (didSay(error, ({ code, message }) => code === 400 && /^User does not exist/i.test(message))) return false;
    throw error;
  }
}
