import { wrongSignature } from '../../backup/files/signatures.ts';
import { BackupError } from '../../errors.ts';
import type { Client } from '../connection/client.ts';
import { segment, segments } from '../connection/segment.ts';
import { download } from './download.ts';

/**
 * The picture of a group; undefined when the portal says that there is none. Throws ITEM_DAMAGED when it is no picture, or larger than
 * that. https://developers.arcgis.com/rest/users-groups-and-items/group/
 * @param thumbnail as the record of the group calls it
 * @param most bytes
 */
export async function readPicture(
  client: Client,
  id: string,
  thumbnail: string,
  most: number,
): Promise<Buffer | undefined> {
  const what = `The picture of group ${id}`;
  const name = thumbnail.split('/').at(-1) ?? '';
  const address = `${client.root}/community/groups/${segment(id)}/info/${segments(thumbnail)}`;
  const found = await download(client, address, what, { name });
  if (found === undefined) return undefined;
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of found.body) {
    length += piece.length;
    if (length > most) throw new BackupError('ITEM_DAMAGED', `${what} is larger than ${most} bytes.`);
    pieces.push(piece);
  }
  const bytes = Buffer.concat(pieces);
  if (length === 0) return undefined;
  const wrong = wrongSignature('picture.png', bytes);
  if (wrong !== undefined) throw new BackupError('ITEM_DAMAGED', `${what}: ${wrong}.`);
  return bytes;
}
