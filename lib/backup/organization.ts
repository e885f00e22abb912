import { canonicalJson } from './json.ts';
import { collisionKey, nameWithId, safeName } from './names/names.ts';

/** A group, as the portal lists it. */
export interface Group {
  id: string;
  title?: string | null | undefined;
  /** epoch ms */
  created?: number | null | undefined;
  [field: string]: unknown;
}

/** Who is in a group, and the ids of what is shared with it; each sorted, null where the portal does not tell. */
export interface GroupContent {
  owner: string | null;
  admins: readonly string[] | null;
  members: readonly string[] | null;
  items: readonly string[];
}

// What is the caller's and not the organization's, or changes by itself.
const notOfPortal =
  /^(user|appInfo|ipCntryCode|currentVersion|subscriptionInfo|availableCredits|database\w*|storage\w*)$/i;
const usage = /usage|quota/i;
// An organization's bingKey is such a one; its urlKey is the name in its address.
const secret = /token|secret|password|credential|keys?$/i;
const noSecret = new Set(['urlKey']);
const ofMember = [
  'username',
  'id',
  'fullName',
  'firstName',
  'lastName',
  'email',
  'role',
  'roleId',
  'userLicenseTypeId',
  'level',
  'disabled',
  'access',
  'provider',
  'created',
  'description',
  'tags',
  'culture',
];
const notOfGroup = new Set([
  'userMembership',
  'isFav',
  'lastViewed',
  'numViews',
  'hasCategorySchema',
  'score',
  'contentStatus',
]);

/** `organization/portal.json`: what the organization is and how it is set up; never a token, a key or a password. */
export function portalText(self: Readonly<Record<string, unknown>>): string {
  return canonicalJson(
    withoutSecrets(
      Object.fromEntries(Object.entries(self).filter(([name]) => !notOfPortal.test(name) && !usage.test(name))),
    ),
  );
}

function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (value === null || typeof value !== 'object') return value;
  const kept = Object.entries(value).filter(
    ([name, field]) => noSecret.has(name) || isPlain(field) || !secret.test(name),
  );
  return Object.fromEntries(kept.map(([name, field]) => [name, withoutSecrets(field)]));
}

/** How long tokens live, whether keys are allowed: what no secret can be is setup, whatever its name. */
function isPlain(field: unknown): boolean {
  return typeof field === 'number' || typeof field === 'boolean';
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * A list that is lacking, with the entries that the archive has and the list has not: nothing says that they are gone.
 * @param archived what stands in the archive's file; anything else than such a list is none
 * @param key what an entry is known by: members by `username`, which is the same in any letter case, roles by `id`
 */
export function withArchived(listed: readonly Fields[], archived: unknown, key: 'username' | 'id'): Fields[] {
  const nameOf = (entry: unknown) => {
    const name = typeof entry === 'object' && entry !== null ? (entry as Fields)[key] : undefined;
    if (typeof name !== 'string') return undefined;
    return key === 'username' ? name.toLowerCase() : name;
  };
  const known = new Set<string | undefined>([...listed.map(nameOf), undefined]);
  const others = Array.isArray(archived) ? archived.filter((each) => !known.has(nameOf(each))) : [];
  return [...listed, ...(others as Fields[])];
}

/** The same of a group whose lists are lacking. @param archived what its file holds */
export function withArchivedContent(content: GroupContent, archived: unknown): GroupContent {
  const before = (typeof archived === 'object' ? archived : null) as Fields | null;
  const both = (now: readonly string[] | null, name: keyof GroupContent) => {
    const had = before?.[name];
    const others = Array.isArray(had) ? had.filter((each) => typeof each === 'string') : [];
    return now === null && !Array.isArray(had) ? null : [...new Set([...(now ?? []), ...others])].sort();
  };
  const { owner, admins, members, items } = content;
  return {
    owner,
    admins: both(admins, 'admins'),
    members: both(members, 'members'),
    items: both(items, 'items') ?? [],
  };
}

/** `organization/members.json`: who is a member, with which role and user type; nothing that changes by signing in. */
export function membersText(members: readonly Readonly<Record<string, unknown>>[]): string {
  const kept = members.map((member) =>
    Object.fromEntries(ofMember.filter((name) => name in member).map((name) => [name, member[name]])),
  );
  return canonicalJson(kept.sort((a, b) => (String(a['username']) < String(b['username']) ? -1 : 1)));
}

/** `organization/roles.json`: the organization's own roles. */
export function rolesText(roles: readonly Readonly<Record<string, unknown>>[]): string {
  return canonicalJson([...roles].sort((a, b) => (String(a['id']) < String(b['id']) ? -1 : 1)));
}

/** `organization/categories.json`: the schema that the categories of items stand in. */
export function categoriesText(schema: readonly unknown[]): string {
  return canonicalJson(schema);
}

/**
 * The file of each group in `organization/groups/`, by id: `<title>.json`. Of two with one title the older one keeps the
 * plain name, so the same groups always get the same names.
 */
export function groupNames(groups: readonly Group[]): Map<string, string> {
  const taken = new Set<string>();
  const names = new Map<string, string>();
  const age = ({ created }: Group) => created ?? 0;
  for (const { id, title } of [...groups].sort((a, b) => age(a) - age(b) || (a.id < b.id ? -1 : 1))) {
    const name = nameWithId(safeName(title), id, (each) => taken.has(collisionKey(each)));
    taken.add(collisionKey(name));
    names.set(id, `${name}.json`);
  }
  return names;
}

/** What the file of a group holds: its record, without what changes by itself or is the caller's, and its content. */
export function groupText(group: Group, { owner, admins, members, items }: GroupContent): string {
  const kept = Object.fromEntries(Object.entries(group).filter(([field]) => !notOfGroup.has(field)));
  return canonicalJson({ ...kept, owner: owner ?? group['owner'], admins, members, items });
}
