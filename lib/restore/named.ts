import type { Archive } from '../archive/archive.ts';
import type { Part } from '../backup/item.ts';
import { namedIn } from '../backup/uses.ts';
import { bytesOf, type Version } from './version.ts';

/** Larger files are data, not maps. */
const mostBytes = 16 * 1024 * 1024;
const isText = /\.(?:json|geojson|webform|html?|xml|ipynb|txt|md|js)$/i;
const roles = new Set<Part['role']>(['data', 'resource', 'info', 'record']);

/** What the texts of a version name, besides itself: ids, and those of them that are surely items'. */
export async function namedBy(
  archive: Archive,
  version: Version,
): Promise<{ ids: Set<string>; surelyIds: Set<string> }> {
  const ids = new Set<string>();
  const surelyIds = new Set<string>();
  for (const part of version.manifest.parts) {
    if (!roles.has(part.role) || part.size > mostBytes || !isText.test(part.path)) continue;
    const named = namedIn((await bytesOf(archive, version, part)).toString());
    for (const id of named.ids) ids.add(id);
    for (const id of named.surelyIds) surelyIds.add(id);
  }
  ids.delete(version.itemId);
  surelyIds.delete(version.itemId);
  return { ids, surelyIds };
}
