import { typeInfo } from '../types.ts';
import type { Item } from '../item.ts';

/** What its own bytes say of a file. */
export interface Form {
  /** does it show that nothing is missing: a zip whose directory and checksums hold, JSON whose brackets close? */
  isWhole: boolean;
  /** why it is not what its name says, as the end of a sentence */
  odd?: string;
}

/** Has the item's file a name of its own? */
export function isNamed({ name }: Item): boolean {
  return /[^.]\.\w+$/.test(name ?? '');
}

/** Is the item's data JSON, if it has any? Of services it is, too: pop-ups and styles. */
export function isJsonItem(item: Item): boolean {
  return typeInfo(item.type).content !== 'file' && !isNamed(item);
}

/** The size that the record tells of the data, in bytes: what it tells of services counts something else. */
export function toldSize({ type, size }: Item): number | undefined {
  const { content } = typeInfo(type);
  return (content === 'file' || content === 'json') && Number.isSafeInteger(size) && size > 0 ? size : undefined;
}

/**
 * Did all bytes of the item's data come? *proven* by the record, which tells that very size; or, where it tells none, by the form of
 * what came. *again*: the portal must give the same once more, where nothing proves it, or where JSON is whole and the record counts it
 * in another way. *wrong*: the record tells another size, and the form says nothing against that. Odd or not makes no difference.
 * @param size bytes that came
 */
export function proofOf(item: Item, size: number, { isWhole }: Form): 'proven' | 'again' | 'wrong' {
  const told = toldSize(item);
  if (told === undefined) return isWhole ? 'proven' : 'again';
  if (told === size) return 'proven';
  return isWhole ? 'again' : 'wrong';
}

/**
 * What it means that no byte came for the item's data: there is none, or the portal must say it twice, or it cannot be. Text items without
 * data answer so (arcgis-rest.md 5.1), and so does a portal in trouble.
 * @param had had the version in the archive bytes? @param isSilent an empty answer, in place of the portal's words that there is no file
 */
export function ofNothing(
  item: Item,
  { had, isSilent }: { had: boolean; isSilent: boolean },
): 'none' | 'again' | 'wrong' {
  const told = toldSize(item);
  const isFile = isNamed(item);
  if (told !== undefined && (isFile || (had && isSilent))) return 'wrong';
  if (isFile && had && isSilent && item.size !== 0) return 'wrong';
  return isSilent && (had || told !== undefined) ? 'again' : 'none';
}
