import { canonicalJson } from './json.ts';
import { collisionKey, nameWithId, safeName } from './names.ts';

/** A group with who is in it and what is shared with it. */
export interface GroupRecord {
  /** as the portal lists it */
  record: Record<string, unknown> & { id: string };
  title: string;
  /** epoch ms */
  created: number;
  owner: string | null;
  admins: readonly string[];
  members: readonly string[];
  /** ids */
  items: readonly string[];
}

// What is the caller's and not the organization's, or changes by itself.
const notOfPortal =
  /^(user|appInfo|ipCntryCode|currentVersion|subscriptionInfo|availableCredits|database\w*|storage\w*|\w*(token|secret|usage|quota)\w*)$/i;
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
const notOfGroup = new Set(['userMembership', 'lastViewed', 'numViews', 'hasCategorySchema', 'score', 'contentStatus']);

/** `organization/portal.json`: what the organization is and how it is set up. */
export function portalText(self: Record<string, unknown>): string {
  return canonicalJson(Object.fromEntries(Object.entries(self).filter(([name]) => !notOfPortal.test(name))));
}

/** `organization/members.json`: who is a member, with which role and user type; nothing that changes by signing in. */
export function membersText(members: readonly Record<string, unknown>[]): string {
  const kept = members.map((member) =>
    Object.fromEntries(ofMember.filter((name) => name in member).map((name) => [name, member[name]])),
  );
  return canonicalJson(kept.sort((a, b) => (String(a['username']) < String(b['username']) ? -1 : 1)));
}

/** `organization/roles.json`: the organization's own roles. */
export function rolesText(roles: readonly Record<string, unknown>[]): string {
  return canonicalJson([...roles].sort((a, b) => (String(a['id']) < String(b['id']) ? -1 : 1)));
}

/** `organization/groups/<title>.json` for each group; the older one of two with one title keeps the plain name. */
export function groupTexts(groups: readonly GroupRecord[]): Map<string, string> {
  const taken = new Set<string>();
  const texts = new Map<string, string>();
  const sorted = [...groups].sort((a, b) => a.created - b.created || (a.record.id < b.record.id ? -1 : 1));
  for (const { record, title, owner, admins, members, items } of sorted) {
    const name = nameWithId(safeName(title), record.id, (each) => taken.has(collisionKey(each)));
    taken.add(collisionKey(name));
    const kept = Object.fromEntries(Object.entries(record).filter(([field]) => !notOfGroup.has(field)));
    texts.set(`${name}.json`, canonicalJson({ ...kept, owner, admins, members, items }));
  }
  return texts;
}
