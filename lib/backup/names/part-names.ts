import { collisionKey, nameWithId, safeFileName, safeName } from './names.ts';
import type { Item } from '../item.ts';

const hasExtension = /[^.]\.[A-Za-z0-9]{1,10}$/;

/**
 * The name of an item's data in the archive: its own file name, or `data.json`.
 * @param download the file name the portal gave with the bytes, if any
 * @param isJson do the bytes read as JSON?
 */
export function dataName(item: Item, download: string | undefined, isJson: boolean): string {
  if (item.name !== null && hasExtension.test(item.name)) return safeFileName(item.name);
  if (isJson) return 'data.json';
  if (download !== undefined && hasExtension.test(download)) return safeFileName(download);
  return 'data.bin';
}

/** The name of an export: `<title>.<extension>`, not one that is taken. */
export function exportName(item: Item, extension: string, taken: readonly string[]): string {
  const name = safeFileName(`${safeName(item.title)}.${extension}`);
  const isTaken = taken.some((other) => collisionKey(other) === collisionKey(name));
  return isTaken ? safeFileName(`${safeName(item.title)} (export).${extension}`) : name;
}

/** The thumbnail's name: `thumbnail.<ext>`. @param path as the record has it, e.g. thumbnail/ago_downloaded.png */
export function thumbnailName(path: string): string {
  const extension = /\.([A-Za-z0-9]{1,5})$/.exec(path)?.[1]?.toLowerCase() ?? 'png';
  return `thumbnail.${extension}`;
}

/** Longest path of a resource within its item's folder, and how deep it may lie. */
const longest = { characters: 150, depth: 6 };

/**
 * A path below `folder` for each name that members gave to files; slashes make folders, as in the portal. A name that
 * would be too long, or fall together with another one, becomes one flat name with a number.
 * @param names without doubles; the same names give the same paths, in any order
 */
export function nestedPaths(folder: string, names: readonly string[]): Map<string, string> {
  const files = new Set<string>();
  const folders = new Set<string>();
  const paths = new Map<string, string>();
  const numbers = new Map<string, number>();
  for (const name of [...names].sort()) {
    const wanted = name.split('/', longest.depth + 1).map(safeName);
    const isPlain = wanted.length <= longest.depth && wanted.join('/').length <= longest.characters;
    const parents = wanted.slice(0, -1).map((_, n) => collisionKey(wanted.slice(0, n + 1).join('/')));
    const isFree = (path: string) => !files.has(collisionKey(path)) && !folders.has(collisionKey(path));
    let path = wanted.join('/');
    if (!isPlain || !isFree(path) || parents.some((parent) => files.has(parent))) {
      const flat = safeName(name.replaceAll('/', '-'));
      path = flat;
      // What was tried for another name of this kind is taken: thousands of them must not be tried for each anew.
      const numbered = (n: number) => nameWithId(flat, String(n), (each) => each === flat);
      const kind = collisionKey(numbered(0));
      let n = numbers.get(kind) ?? 1;
      for (; !isFree(path); n++) path = numbered(n);
      numbers.set(kind, n);
    } else {
      for (const parent of parents) folders.add(parent);
    }
    files.add(collisionKey(path));
    paths.set(name, `${folder}/${path}`);
  }
  return paths;
}
