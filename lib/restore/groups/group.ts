import type { Portal } from '../../arcgis/portal.ts';
import type { Form } from '../../arcgis/writing/writing.ts';
import { canonicalJson } from '../../backup/json.ts';
import type { IdMap } from '../references/id-map.ts';
import { noMap } from '../references/id-map.ts';
import { rewrite } from '../references/rewrite.ts';
import type { Fields } from '../record.ts';
import type { Difference } from '../words.ts';
import { pictureChange, type Picture, type PictureChange } from './picture.ts';

/** A group as it is or was: its record, who is in it, what is shared with it. */
export interface GroupState {
  record: Fields;
  owner: string;
  /** managers, the owner among them */
  admins: readonly string[];
  members: readonly string[];
  items: readonly string[];
  /** null: it has none; undefined: not known, and left as it is */
  picture?: Picture | null;
}

/** What a group is to be in the end. Who came since and what was shared since stays, but for what an undo takes away. */
export interface GroupTarget extends GroupState {
  /** the group that lives; null: it is made anew */
  id: string | null;
  takesAway: { members: readonly string[]; managers: readonly string[]; items: readonly string[] };
}

/** Fields that a person or a program writes, and that an update changes (restore.md 4). */
const written = [
  'title',
  'description',
  'snippet',
  'tags',
  'phone',
  'sortField',
  'sortOrder',
  'access',
  'isInvitationOnly',
  'isViewOnly',
  'autoJoin',
  'hiddenMembers',
  'leavingDisallowed',
  'typeKeywords',
  'properties',
  'displaySettings',
] as const;
/** What a group keeps as it was made (restore.md 4). */
const fixed = ['capabilities', 'membershipAccess'] as const;
const naming = new Set<string>(['description', 'properties', 'typeKeywords']);
const isMark = (word: unknown) => typeof word === 'string' && /^(?:restore|source)-[0-9a-f]{16,32}$/.test(word);

type Written = (typeof written)[number] | (typeof fixed)[number];

function formValue(record: Fields, field: Written, map: IdMap): string {
  const value = record[field];
  if (value === null || value === undefined || value === false) return '';
  const text = Array.isArray(value)
    ? value.filter((each) => !isMark(each)).join(',')
    : typeof value === 'object'
      ? canonicalJson(value).trim()
      : (value as string | number | true).toString();
  return naming.has(field) ? rewrite(text, map) : text;
}

/** Lists come in any order. */
function comparable(record: Fields, field: Written, map: IdMap): string {
  const text = formValue(record, field, map);
  return Array.isArray(record[field]) ? text.split(',').sort().join(',') : text;
}

/** The form that makes these fields of a group what the record says. @param kept tags that stay on it */
function formOf(record: Fields, fields: readonly Written[], map: IdMap, kept: readonly string[]): Form {
  const flags = new Set<string>(['isInvitationOnly', 'isViewOnly', 'autoJoin', 'hiddenMembers', 'leavingDisallowed']);
  return Object.fromEntries(
    fields.map((field) => {
      const value = formValue(record, field, map);
      if (field === 'tags') return [field, [value, ...kept].filter(Boolean).join(',')];
      return [field, value === '' && flags.has(field) ? 'false' : value];
    }),
  );
}

/** What a new group is made with. @param marks tags by which it is found again */
export function makingForm(record: Fields, map: IdMap, marks: readonly string[]): Form {
  const fields = [...written, ...fixed].filter((field) => field === 'tags' || formValue(record, field, map) !== '');
  return formOf(record, fields, map, marks);
}

/** What is written into a living group so that its record is as it is to be. */
export function changingForm(live: Fields, wanted: Fields, map: IdMap): Form {
  const tags: unknown[] = Array.isArray(live['tags']) ? live['tags'] : [];
  return formOf(wanted, differing(live, wanted, map, written), map, tags.filter(isMark) as string[]);
}

/** Only what was saved is compared: an older archive may lack a field. */
function differing<F extends Written>(live: Fields, wanted: Fields, map: IdMap, fields: readonly F[]): F[] {
  return fields.filter((field) => field in wanted && comparable(live, field, noMap) !== comparable(wanted, field, map));
}

const lacking = (has: readonly string[], wanted: readonly string[]) => {
  const known = new Set(has.map((name) => name.toLowerCase()));
  return wanted.filter((name) => !known.has(name.toLowerCase()));
};
const both = (has: readonly string[], others: readonly string[]) => {
  const known = new Set(others.map((name) => name.toLowerCase()));
  return has.filter((name) => known.has(name.toLowerCase()));
};

/** What a group still lacks, or has too much. */
export interface GroupChanges {
  record: Form;
  /** whom to add */
  members: string[];
  managers: string[];
  /** members who are to manage it */
  promoted: string[];
  /** managers who are to be members only */
  demoted: string[];
  /** whom to remove */
  leaving: string[];
  /** the owner that it is to have; null: it has them */
  owner: string | null;
  /** ids of items, in the portal */
  items: { add: string[]; remove: string[] };
  protection: boolean | null;
  /** its picture is another one; null where it is the same, or not known */
  picture: PictureChange;
}

/** What makes a living group what it is to be. @param account who restores, and is in it only while it is made */
export function changesOf(live: GroupState, target: GroupTarget, map: IdMap, account: string): GroupChanges {
  const everybody = [...live.members, ...live.admins];
  const managing = target.admins.filter((name) => name !== target.owner);
  const wanted = [...target.members, ...target.admins, target.owner];
  const isNew = target.id === null;
  const isStranger = isNew && lacking(wanted, [account]).length > 0 && both(everybody, [account]).length > 0;
  const now = (ids: readonly string[]) => ids.map((id) => map.ids.get(id) ?? id);
  const isProtected = target.record['protected'] === true;
  return {
    record: changingForm(live.record, target.record, map),
    members: lacking(everybody, lacking(target.admins, target.members)).filter((name) => name !== target.owner),
    managers: lacking(everybody, managing),
    promoted: both(lacking(live.admins, managing), live.members),
    demoted: both(live.admins, target.takesAway.managers),
    leaving: [
      ...both(live.members, target.takesAway.members),
      ...(isStranger && live.owner === target.owner ? [account] : []),
    ],
    owner: isNew && live.owner !== target.owner ? target.owner : null,
    items: { add: lacking(live.items, now(target.items)), remove: both(live.items, target.takesAway.items) },
    protection: (live.record['protected'] === true) === isProtected ? null : isProtected,
    picture: pictureChange(live, target),
  };
}

/** Where a group is not as it is to be. */
export function differencesOf(live: GroupState, target: GroupTarget, map: IdMap, account: string): Difference[] {
  const { record, members, managers, promoted, demoted, leaving, owner, items, protection, picture } = changesOf(
    live,
    target,
    map,
    account,
  );
  const found: Difference[] = [];
  const fields = Object.keys(record);
  if (fields.length > 0) found.push({ part: 'record', what: fields.join(', ') });
  const kept = differing(live.record, target.record, map, fixed);
  if (kept.length > 0) found.push({ part: 'record', what: `${kept.join(', ')} as it was made`, equivalent: true });
  if (picture !== null)
    found.push({ part: 'thumbnail', what: picture === 'put' ? 'not its picture' : 'a picture, where it had none' });
  const without = [...members, ...managers];
  if (without.length > 0) found.push({ part: 'members', what: `without ${without.join(', ')}` });
  if (promoted.length > 0) found.push({ part: 'members', what: `not managed by ${promoted.join(', ')}` });
  if (demoted.length > 0) found.push({ part: 'members', what: `still managed by ${demoted.join(', ')}` });
  if (leaving.length > 0) found.push({ part: 'members', what: `still with ${leaving.join(', ')}` });
  if (owner !== null) found.push({ part: 'owner', what: `${live.owner} in place of ${owner}` });
  if (items.add.length > 0) found.push({ part: 'items', what: `without ${items.add.join(', ')}` });
  if (items.remove.length > 0) found.push({ part: 'items', what: `still with ${items.remove.join(', ')}` });
  if (protection !== null) found.push({ part: 'protection', what: protection ? 'not protected' : 'protected' });
  return found;
}

/** A living group; undefined when the portal says that there is none. Throws what is lacking of its lists. */
export async function readState(portal: Portal, id: string): Promise<GroupState | undefined> {
  const record = await portal.findGroup(id);
  if (record === undefined) return undefined;
  const { content, lacking: troubles } = await portal.group(id);
  if (troubles[0]) throw troubles[0];
  const { owner, admins, members, items } = content;
  const by = typeof record['owner'] === 'string' ? record['owner'] : (owner ?? '');
  return { record, owner: by, admins: admins ?? [], members: members ?? [], items };
}
