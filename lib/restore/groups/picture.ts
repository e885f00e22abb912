import type { Portal } from '../../arcgis/portal.ts';
import { thumbnailOf } from '../../backup/group-pictures.ts';
import { isCode } from '../../errors.ts';
import type { Fields } from '../record.ts';

/** The picture of a group. */
export interface Picture {
  /** as the portal called it */
  name: string;
  base64: string;
}

/** What has a picture. null: it has none; undefined: not known, and left as it is */
export interface Pictured {
  picture?: Picture | null;
}

/** What is to be done with a picture; null where it is the same, or not known. */
export type PictureChange = 'put' | 'remove' | null;

/** What makes one the other. */
export function pictureChange({ picture: now }: Pictured, { picture: then }: Pictured): PictureChange {
  if (now === undefined || then === undefined || now?.base64 === then?.base64) return null;
  return then === null ? 'remove' : 'put';
}

/** Bytes that a portal takes at most. */
const mostOfPicture = 10 * 1024 * 1024;

/** A living group with its picture, where the portal gives it. Throws PORTAL_…. */
export async function withPicture<S extends { record: Fields }>(portal: Portal, state: S): Promise<S & Pictured> {
  const name = thumbnailOf(state.record);
  if (name === undefined) return { ...state, picture: null };
  const id = typeof state.record['id'] === 'string' ? state.record['id'] : '';
  try {
    const bytes = await portal.groupPicture(id, name, mostOfPicture);
    return { ...state, picture: bytes === undefined ? null : { name, base64: bytes.toString('base64') } };
  } catch (error) {
    if (!isCode(error, 'ITEM_DAMAGED', 'ITEM_GONE', 'PORTAL_REFUSED', 'PORTAL_ERROR', 'PORTAL_ANSWER')) throw error;
    return state;
  }
}
