import type { Archive } from '../../archive/archive.ts';
import type { Part } from '../../backup/item.ts';
import { isText } from '../../backup/uses.ts';
import { bytesOf, type Version } from '../version.ts';
import type { IdMap } from './id-map.ts';
import { rewriteBytes } from './rewrite.ts';
import { rewriteZip } from './rewrite-zip.ts';

/** How the names in a part are replaced: in a text, in the texts of a zip, or not at all. */
export type Naming = 'text' | 'zip' | 'none';

/** Bytes of a file that is written anew in memory; a portal takes no larger resources, and no larger files about an item. */
export const mostRewritten = 64 * 1024 * 1024;

const aspects: Partial<Record<Part['role'], 'data' | 'resources' | 'info'>> = {
  data: 'data',
  resource: 'resources',
  info: 'info',
};

/** With what of an item a part goes back in which names are replaced; undefined of all other parts. */
export function aspectOf({ role }: Part): 'data' | 'resources' | 'info' | undefined {
  return aspects[role];
}

/**
 * Does a part name others under names that may have changed? Files that people made stay as they are, to the byte, and so does metadata.xml: it may name
 * an id that is a catalogue's, not the item's.
 * @param fileName of data that is a file in the portal
 */
export function namingOf(version: Pick<Version, 'manifest'>, part: Part, fileName?: string): Naming {
  // The text of an item is sent whole in any case.
  const isSent = part.role === 'data' && fileName === undefined;
  return isSent || part.size <= mostRewritten ? formOf(version, part, fileName) : 'none';
}

/** The same of a part that is small enough. */
export function formOf({ manifest }: Pick<Version, 'manifest'>, part: Part, fileName?: string): Naming {
  const { role } = part;
  if (role === 'resource') return isResourceText.test(part.name ?? part.path) ? 'text' : 'none';
  if (role === 'info') return 'text';
  if (role !== 'data') return 'none';
  if (fileName === undefined) return 'text';
  if (manifest.type === 'Form') return 'zip';
  return manifest.type === 'Notebook' ? 'text' : 'none';
}

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
