import type { Sharing } from '../arcgis/writing/writing.ts';
import type { IdMap } from './references/id-map.ts';

const levels = ['private', 'shared', 'org', 'public'] as const;

/** Sharing as the portal or the archive words it; what is no level is private. */
export function readSharing(value: { access?: unknown; groups?: unknown } | undefined): Sharing | undefined {
  if (value === undefined) return undefined;
  const access = levels.find((level) => level === value.access) ?? 'private';
  const groups = Array.isArray(value.groups) ? value.groups.filter((each) => typeof each === 'string') : [];
  return { access, groups: [...new Set(groups)].sort() };
}

/** What would see an item that cannot see it now: a level, and groups. */
export function widerBy(now: Sharing, wanted: Sharing): { access: boolean; groups: string[] } {
  const level = ({ access }: Sharing) => (access === 'shared' ? 0 : levels.indexOf(access));
  return {
    access: level(wanted) > level(now),
    groups: wanted.groups.filter((group) => !now.groups.includes(group)),
  };
}

/** The wanted sharing as far as it opens the item to nobody who cannot see it now: somebody may have closed it on purpose. */
export function notWider(now: Sharing, wanted: Sharing): Sharing {
  const wider = widerBy(now, wanted);
  const groups = wanted.groups.filter((group) => !wider.groups.includes(group));
  return levelled({ access: wider.access ? now.access : wanted.access, groups });
}

/** With groups an item is shared, without any it is private, where no level says more. */
export function levelled({ access, groups }: Sharing): Sharing {
  if (access === 'org' || access === 'public') return { access, groups };
  return { access: groups.length > 0 ? 'shared' : 'private', groups };
}

/** Is it the same to those who may see it? */
export function isSameSharing(a: Sharing, b: Sharing): boolean {
  const [one, other] = [levelled(a), levelled(b)];
  return one.access === other.access && one.groups.join() === other.groups.join();
}

/** Sharing with groups under the ids that they have now. */
export function sharingIn({ access, groups }: Sharing, { ids }: IdMap): Sharing {
  return { access, groups: [...new Set(groups.map((id) => ids.get(id) ?? id))].sort() };
}
