import type { Archive } from '../../archive/archive.ts';
import type { Part } from '../../backup/item.ts';
import { dataPart, fileNameOf } from '../aspects/data.ts';
import { BackupError } from '../../errors.ts';
import { bytesOf, type Version } from '../version.ts';
import type { AspectName } from '../words.ts';
import type { IdMap } from './id-map.ts';
import { aspectOf, namingOf, wantedBytes } from './wanted.ts';

/** What of an item is re-pointed, in the order in which it is written. */
export const repointed = ['data', 'resources', 'info'] as const satisfies readonly AspectName[];

/** Bytes that a portal takes of one: https://developers.arcgis.com/rest/users-groups-and-items/considerations-and-limitations.htm */
const most: Partial<Record<Part['role'], number>> = { info: 100 * 1024, resource: 50 * 1024 * 1024 };

/**
 * What of an item names something that has another name now, where that is replaced: its data, its resources, the files about it.
 * Throws RESTORE_REPOINT when it would become larger than a portal takes, RESTORE_DAMAGED.
 */
export async function namingAspects(archive: Archive, version: Version, map: IdMap): Promise<Set<AspectName>> {
  const found = new Set<AspectName>();
  const data = dataPart(version);
  for (const part of version.manifest.parts) {
    const aspect = aspectOf(part);
    const fileName = part === data ? fileNameOf(version, part) : undefined;
    if (aspect === undefined || namingOf(version, part, fileName) === 'none') continue;
    const now = await wantedBytes({ archive, version, map }, part, fileName);
    if (now.equals(await bytesOf(archive, version, part))) continue;
    refuseGrown(version, part, now.length);
    found.add(aspect);
  }
  return found;
}

function refuseGrown({ itemId }: Version, { role, path, size }: Part, now: number): void {
  if (now <= size || now <= (most[role] ?? Infinity)) return;
  const text = `${path} of ${itemId} would be larger than a portal takes if it named what was made anew, and is left as it is.`;
  throw new BackupError('RESTORE_REPOINT', text);
}
