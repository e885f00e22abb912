import type { Folder, Item } from '../../backup/item.ts';
import { idIn, kindOf, listIn, numberIn, objectIn, textIn, timeIn, unreadable } from '../connection/fields.ts';

/** How one field of a record is read: what its documentation says of it, and what becomes of anything else. */
interface Field<T> {
  isUsual: (value: unknown) => boolean;
  read: (value: unknown) => T;
}

type Fields = Pick<Item, 'title' | 'type' | 'typeKeywords' | 'tags' | 'name' | 'url' | 'size' | 'created' | 'modified'>;

const isLacking = (value: unknown) => value === null || value === undefined;
const isTime = (value: unknown) => typeof value === 'number' && Number.isFinite(value);
const text: Field<string | null> = {
  isUsual: (value) => isLacking(value) || typeof value === 'string',
  read: (value) => textIn(value) ?? null,
};
const texts: Field<readonly string[]> = {
  isUsual: (value) => Array.isArray(value) && value.every((each) => typeof each === 'string'),
  read: listIn,
};
const time: Field<number> = { isUsual: isTime, read: (value) => timeIn(value) ?? 0 };

/** https://developers.arcgis.com/rest/users-groups-and-items/item/ */
const fields: { readonly [Name in keyof Fields]: Field<Fields[Name]> } = {
  title: text,
  type: { isUsual: (value) => typeof value === 'string' && value !== '', read: (value) => textIn(value) ?? '' },
  typeKeywords: texts,
  tags: texts,
  name: text,
  url: text,
  size: { isUsual: (value) => value === undefined || isTime(value), read: (value) => numberIn(value) ?? -1 },
  created: time,
  modified: time,
};

/**
 * An item, from a record of the portal: the one place where that is read. Field by field as far as it makes sense, and what is
 * not as its documentation says is kept in `odd`, all others go through untouched. A sentence's end that says what the entry
 * is, when it is no item: without an id nothing can be asked for.
 * @param owner whose listing it stands in, for a record that does not say whose it is
 */
export function readRecord(value: unknown, owner?: string): Item | string {
  const record = objectIn(value);
  const id = idIn(record?.['id']);
  if (record === undefined || id === undefined) return `${unreadable(value)}${idOf(record)}`;
  const own = textIn(record['owner']) || owner;
  if (own === undefined) return 'does not say who owns it';
  const folder = idIn(record['ownerFolder']) ?? null;
  const read = Object.fromEntries(names.map((name) => [name, fields[name].read(record[name])])) as unknown as Fields;
  const odd = Object.fromEntries(
    [
      ...names.filter((name) => !fields[name].isUsual(record[name])),
      // A field of that name is the portal's own, and finds its way back.
      ...['odd'].filter((name) => name in record),
      ...(folder === null && !isNoFolder(record['ownerFolder']) ? ['ownerFolder'] : []),
    ].map((name) => [name, record[name] ?? null]),
  );
  const { odd: _, ...others } = record;
  const isOdd = Object.keys(odd).length > 0;
  return { ...others, ...read, id, owner: own, ownerFolder: folder, ...(isOdd && { odd }) };
}

const idOf = (record: Record<string, unknown> | undefined) =>
  record === undefined ? '' : ` (${kindOf(record['id'])})`;
const names = Object.keys(fields) as (keyof Fields)[];
const isNoFolder = (value: unknown) => isLacking(value) || value === '';

/** A folder as a listing gives it; undefined for an entry without an id. */
export function readFolder(value: unknown): Folder | undefined {
  const record = objectIn(value);
  const id = idIn(record?.['id']);
  if (record === undefined || id === undefined) return undefined;
  return { ...record, id, title: textIn(record['title']) ?? '', created: timeIn(record['created']) ?? 0 };
}
