import { z } from 'zod';
import type { Item } from '../../backup/item.ts';
import type { Client } from '../connection/client.ts';
import { didSay, isGone, PortalError } from '../connection/portal-error.ts';
import { readRecord } from './item.ts';
import { segment } from '../connection/segment.ts';

const anything = z.looseObject({});

/**
 * An item, or undefined when the portal says that it does not exist. Throws PORTAL_ANSWER when the answer is no item.
 * https://developers.arcgis.com/rest/users-groups-and-items/item/
 */
export async function readItem(client: Client, id: string): Promise<Item | undefined> {
  const what = `Item ${id}`;
  try {
    const item = readRecord(await client.json(anything, { path: `/content/items/${segment(id)}`, what }));
    if (typeof item === 'object') return item;
    throw new PortalError('PORTAL_ANSWER', `${what}: the portal's answer ${item}.`);
  } catch (error) {
    if (didSay(error, isGone)) return undefined;
    throw error;
  }
}
