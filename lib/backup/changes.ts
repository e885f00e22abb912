import type { Found } from './found.ts';
import type { Item, Manifest, Part, Saved } from './item.ts';
import { oneLine } from './words.ts';

/** What a run did to an item of the archive. */
export interface ItemChange {
  op: 'added' | 'changed' | 'moved' | 'removed';
  itemId: string;
  title: string;
  owner: string;
  type: string;
  /** what is not as it was, in words */
  why: string;
}

/** An item, or with an empty id a member, that a run left out. */
export interface LeftOut {
  itemId: string;
  title: string;
  owner: string;
  type: string;
  /** the tag, type, group or filter */
  why: string;
}

/** What a run did item by item, and what it left out. */
export interface RunLists {
  changes: readonly ItemChange[];
  leftOut: readonly LeftOut[];
}

/** What people call the parts of an item. */
export const partWords: Readonly<Record<Part['role'], string>> = {
  data: 'data',
  export: 'rows',
  metadata: 'metadata',
  record: 'record',
  thumbnail: 'thumbnail',
  resource: 'resources',
  info: 'info',
  layers: 'layers',
  related: 'relations',
};

/** An item that was saved, and is not what it was. */
export function changeOf(after: Manifest, before: Saved | undefined, isMoved: boolean): ItemChange {
  const op = before === undefined ? 'added' : isMoved ? 'moved' : 'changed';
  const why = before === undefined ? 'new in the portal' : unlike(before, after, isMoved);
  return { op, ...namesOf(after), why };
}

/** An item that would be fetched, before anybody knows what is not as it was. */
export function changeFound({ item, saved, step, due, stamp }: Found): ItemChange {
  const { id: itemId, title, owner, type } = item;
  const names = { itemId, title: oneLine(title ?? ''), owner, type };
  if (saved === undefined) return { op: 'added', ...names, why: 'not in the archive under this member' };
  const why =
    saved.stamp !== stamp
      ? 'changed since'
      : step !== 'refresh'
        ? 'to be saved anew'
        : due
          ? 'its turn to be read again'
          : 'its record, place or sharing changed, or a part is lacking';
  return { op: 'changed', ...names, why };
}

/** An item that is gone from the portal. */
export function removalOf(saved: Saved): ItemChange {
  return { op: 'removed', ...namesOf(saved), why: 'gone from the portal' };
}

function unlike(before: Manifest, after: Manifest, isMoved: boolean): string {
  const others = (a: Manifest, b: Manifest) =>
    a.parts.filter(({ path, sha256 }) => !b.parts.some((part) => part.path === path && part.sha256 === sha256));
  const roles = [...others(before, after), ...others(after, before)].map(({ role }) => partWords[role]);
  const fields = (['title', 'owner', 'folder', 'type'] as const).filter((field) => before[field] !== after[field]);
  const what = [...new Set([...fields, ...roles.sort()])];
  if (what.length > 0) return what.join(', ');
  return isMoved ? 'its place' : 'notes';
}

function namesOf({ id, title, owner, type }: Manifest) {
  return { itemId: id, title: oneLine(title), owner, type };
}

/** An item that is left out. */
export function leftOutOf({ id, title, owner, type }: Item, why: string): LeftOut {
  return { itemId: id, title: oneLine(title ?? ''), owner, type, why };
}
