import { collisionKey, nameWithId, safeName } from './names.ts';
import type { Index, Manifest } from '../item.ts';

/** The folder name of items outside any folder. */
export const rootFolder = 'None';

/** Where a member's items lie in the tree. */
export function memberPath(username: string): string {
  return `content/${memberFolder(username)}`;
}

/** The name of a member's folder. A username whose letters had to change gets a mark, so that no two collide. */
export function memberFolder(username: string): string {
  const name = safeName(username);
  return name === username.normalize('NFC') ? name : `${name} (${fingerprint(username)})`;
}

/** An item that was saved in this run: its manifest, and when it and its folder were created (epoch ms). */
export interface Arrival {
  manifest: Manifest;
  created: number;
  /** 0 outside any folder */
  folderCreated: number;
}

/**
 * The path of each arriving item, relative to its member's folder: folder/type/title. An item keeps the path it has
 * while folder, type and title stay the same; a newcomer whose path is taken gets ` (<first 8 of id>)`, the older one
 * first. So the same items always get the same paths, in any order of arrival.
 * @param index what the member has in the tree; entries of arriving items do not hold their paths against themselves
 */
export function assignPaths(arrivals: readonly Arrival[], index: Index): Map<string, string> {
  const taken = new Map<string, string>();
  const moving = new Set(arrivals.map(({ manifest }) => manifest.id));
  const stays = arrivals.filter(({ manifest }) => staysWhereItIs(manifest, index));
  for (const { manifest } of stays) moving.delete(manifest.id);
  for (const saved of Object.values(index)) if (!moving.has(saved.id)) taken.set(collisionKey(saved.path), saved.id);

  const paths = new Map(stays.map(({ manifest: { id } }) => [id, index[id]?.path ?? '']));
  const folders = folderNames(arrivals, index);
  const newcomers = arrivals
    .filter(({ manifest }) => moving.has(manifest.id))
    .sort((a, b) => a.created - b.created || (a.manifest.id < b.manifest.id ? -1 : 1));
  for (const { manifest } of newcomers) {
    const place = `${folders.get(manifest.folderId) ?? rootFolder}/${safeName(manifest.type)}`;
    const isTaken = (name: string) => taken.has(collisionKey(`${place}/${name}`));
    const path = `${place}/${nameWithId(safeName(manifest.title), manifest.id, isTaken)}`;
    taken.set(collisionKey(path), manifest.id);
    paths.set(manifest.id, path);
  }
  return paths;
}

function staysWhereItIs(manifest: Manifest, index: Index): boolean {
  const saved = index[manifest.id];
  return (
    saved !== undefined &&
    saved.folderId === manifest.folderId &&
    saved.folder === manifest.folder &&
    saved.type === manifest.type &&
    saved.title === manifest.title
  );
}

/** The directory of each folder id: the one it has in the tree, else its title, with its id where that is taken. */
function folderNames(arrivals: readonly Arrival[], index: Index): Map<string | null, string> {
  const names = new Map<string | null, string>([[null, rootFolder]]);
  const taken = new Map<string, string | null>([[collisionKey(rootFolder), null]]);
  const claim = (id: string | null, name: string) => {
    names.set(id, name);
    taken.set(collisionKey(name), id);
  };
  const current = new Map(arrivals.map(({ manifest }) => [manifest.folderId, manifest.folder]));
  const age = new Map(arrivals.map(({ manifest, folderCreated }) => [manifest.folderId, folderCreated]));
  for (const { folderId, folder, path } of Object.values(index)) {
    // A renamed folder keeps its old directory only for the items that did not arrive with the new name.
    const directory = path.slice(0, path.indexOf('/'));
    if ((current.get(folderId) ?? folder) === folder) claim(folderId, directory);
    else taken.set(collisionKey(directory), folderId);
  }
  const newcomers = [...current]
    .filter(([id]) => !names.has(id))
    .sort(([a], [b]) => (age.get(a) ?? 0) - (age.get(b) ?? 0) || ((a ?? '') < (b ?? '') ? -1 : 1));
  for (const [id, title] of newcomers) {
    const isTaken = (name: string) => taken.has(collisionKey(name)) && taken.get(collisionKey(name)) !== id;
    claim(id, nameWithId(safeName(title), id ?? '', isTaken));
  }
  return names;
}

/** Eight hex digits that tell two usernames apart whose safe names are one (FNV-1a, as no hash is at hand in the core). */
function fingerprint(text: string): string {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash.toString(16).padStart(8, '0');
}
