import type { Portal } from '../arcgis/portal.ts';
import { lacking, type Identity } from '../arcgis/connection/identity.ts';
import type { Item } from '../backup/item.ts';
import { isCode } from '../errors.ts';
import type { ItemState } from './words.ts';

/** What the portal says of an item. */
export interface Seen {
  state: ItemState;
  /** the living item */
  item: Item | undefined;
}

/** Items of a recycle bin that are listed. */
const mostOfBin = 100;

/**
 * Asks what has become of an item. Gone is what the portal says that it does not have, to an account that sees everything and is still
 * known, and what is not in its owner's recycle bin; what cannot be told is unknown.
 */
export async function look(portal: Portal, identity: Identity, item: { id: string; owner: string }): Promise<Seen> {
  try {
    const living = await portal.item(item.id);
    if (living !== undefined) return { state: 'live', item: living };
    await portal.prove();
    if (lacking(identity, ['portal:admin:viewItems']).length > 0) return unknown;
    if (!(await portal.memberExists(item.owner))) return { state: 'gone', item: undefined };
    const bin = await portal.recycleBin(item.owner);
    if (bin.some(({ id }) => id === item.id)) return { state: 'bin', item: undefined };
    return bin.length >= mostOfBin ? unknown : { state: 'gone', item: undefined };
  } catch (error) {
    if (isCode(error, 'PORTAL_REFUSED', 'PORTAL_ERROR', 'PORTAL_ANSWER', 'PORTAL_UNREACHABLE', 'PORTAL_BUSY'))
      return unknown;
    throw error;
  }
}

const unknown: Seen = { state: 'unknown', item: undefined };
