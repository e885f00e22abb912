import type { Archive } from '../../archive/archive.ts';
import type { Part } from '../../backup/item.ts';
import { isText, mostNamingBytes } from '../../backup/uses.ts';
import { bytesOf, type Version } from '../version.ts';
import type { IdMap } from './id-map.ts';
import { rewriteBytes } from './rewrite.ts';
import { rewriteZip } from './rewrite-zip.ts';

/** How the names in a part are replaced: in a text, in the texts of a zip, or not at all. */
export type Naming = 'text' | 'zip' | 'none';

/** Bytes of a zip that is unpacked and packed again in memory. */
export const mostZip = 64 * 1024 * 1024;

/**
 * Does a part name others under names that may have changed? Files that people made stay as they are, to the byte, and so does metadata.xml: it may name
 * an id that is a catalogue's, not the item's.
 * @param fileName of data that is a file in the portal
 */
export function namingOf({ manifest }: Pick<Version, 'manifest'>, part: Part, fileName?: string): Naming {
  const { role, size } = part;
  if (role === 'resource') return isResourceText.test(part.name ?? part.path) && isHeld(size) ? 'text' : 'none';
  if (role === 'info') return isHeld(size) ? 'text' : 'none';
  if (role !== 'data') return 'none';
  if (fileName === undefined) return 'text';
  if (manifest.type === 'Form') return size <= mostZip ? 'zip' : 'none';
  return manifest.type === 'Notebook' && isHeld(size) ? 'text' : 'none';
}

const isHeld = (size: number) => size <= mostNamingBytes;
const isResourceText = new RegExp(`${isText.source}|\\.svg$`, 'i');

/** A part as it goes back: as it was saved, but for what has another name now. Throws RESTORE_DAMAGED. */
export async function wantedBytes(
  { archive, version, map }: { archive: Archive; version: Version; map: IdMap },
  part: Part,
  fileName?: string,
): Promise<Buffer> {
  const bytes = await bytesOf(archive, version, part);
  const naming = namingOf(version, part, fileName);
  if (naming === 'none') return bytes;
  return naming === 'zip' ? rewriteZip(bytes, map) : rewriteBytes(bytes, map);
}
