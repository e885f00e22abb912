import type { Item } from './item.ts';

/** The settings that leave items and members out. */
export interface LeaveOut {
  skipTags: readonly string[];
  skipTypes: readonly string[];
  /** titles of groups */
  skipGroups: readonly string[];
  /** patterns with `*`; empty = all */
  users: readonly string[];
  skipUsers: readonly string[];
}

/**
 * Why an item is left out, or undefined. Leaving out is not deleting: what was saved before stays.
 * @param grouped titles of groups that are left out, by the items shared with them
 */
export function leftOutBecause(
  item: Item,
  rules: Pick<LeaveOut, 'skipTags' | 'skipTypes'>,
  grouped: ReadonlyMap<string, string> = new Map(),
): string | undefined {
  const tag = rules.skipTags.find((skip) => item.tags.some((own) => same(own.trim(), skip)));
  if (tag !== undefined) return `tagged ${tag}`;
  if (rules.skipTypes.some((skip) => same(skip, item.type))) return `type ${item.type}`;
  const group = grouped.get(item.id);
  return group === undefined ? undefined : `shared with the group ${group}`;
}

/** Is this member backed up? */
export function isWanted(username: string, rules: LeaveOut): boolean {
  const wanted = rules.users.length === 0 || rules.users.some((pattern) => matches(pattern, username));
  return wanted && !rules.skipUsers.some((pattern) => matches(pattern, username));
}

/** Does the text match a pattern in which `*` stands for any characters? Portal names do not tell case apart. */
export function matches(pattern: string, text: string): boolean {
  const parts = pattern.toLowerCase().split('*');
  const last = parts.length - 1;
  let rest = text.toLowerCase();
  // Not a regular expression: a pattern like `*a*a*a*b` could take for ever.
  for (const [place, part] of parts.entries()) {
    if (place === 0) {
      if (!rest.startsWith(part)) return false;
      if (last === 0) return rest === part;
      rest = rest.slice(part.length);
    } else if (place === last) {
      return rest.endsWith(part);
    } else {
      const at = rest.indexOf(part);
      if (at < 0) return false;
      rest = rest.slice(at + part.length);
    }
  }
  return true;
}

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
