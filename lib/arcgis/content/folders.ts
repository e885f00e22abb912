import { z } from 'zod';
import type { Client } from '../connection/client.ts';
import { readList } from '../connection/fields.ts';
import { segment } from '../connection/segment.ts';
import { PortalError } from '../connection/portal-error.ts';
import type { Folder } from '../../backup/item.ts';
import { readFolder } from './item.ts';

/** A folder of a member. */
export interface OwnFolder {
  id: string;
  title: string;
}

const listed = z.looseObject({ folders: z.unknown().optional() });

/**
 * A member's folders. Throws PORTAL_ANSWER when some cannot be read: one that is missing would be made again.
 * https://developers.arcgis.com/rest/users-groups-and-items/user-content/
 */
export async function listFolders(client: Client, owner: string): Promise<Folder[]> {
  const what = `The folders of ${owner}`;
  const answer = await client.json(listed, { path: `/content/users/${segment(owner)}`, params: { num: 1 }, what });
  const { list, unread } = readList(answer.folders, readFolder, ({ id }) => id, 'folder');
  if (unread.length > 0) throw new PortalError('PORTAL_ANSWER', `${what}: ${unread.join('; ')}.`);
  return list;
}

const total = z.looseObject({ total: z.number() });

/** How many items lie in a folder now, those in the recycle bin not counted. */
export async function countInFolder(client: Client, owner: string, id: string): Promise<number> {
  const path = `/content/users/${segment(owner)}/${segment(id)}`;
  return (await client.json(total, { path, params: { num: 1 }, what: `The folder ${id} of ${owner}` })).total;
}
