import type { Item } from '../backup/item.ts';

/**
 * The name of a file that is made where its own is taken: a portal takes no two files of one name of one member, or in one folder
 * (restore.md 3.1). What comes after the first dot stays, for by that it is known what the file is.
 */
export function standIn(name: string, mark: string): string {
  const at = name.indexOf('.', 1);
  const [base, rest] = at < 0 ? [name, ''] : [name.slice(0, at), name.slice(at)];
  return `${base}_restore-${mark.slice(0, 8)}${rest}`;
}

/** Is the item called by such a name? */
export function hasStandIn({ name }: Pick<Item, 'name'>): boolean {
  return name !== null && /_restore-[0-9a-f]{8}(?:\.|$)/.test(name);
}
