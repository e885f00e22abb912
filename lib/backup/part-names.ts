import { collisionKey, safeFileName, safeName } from './names.ts';
import type { Item } from './words.ts';

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
