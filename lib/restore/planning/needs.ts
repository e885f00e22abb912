import { isMaking } from '../words.ts';
import type { GroupSeen } from '../groups/plan-groups.ts';
import type { Candidate, Compared } from './candidate.ts';

/** The privileges without which an account cannot put these back. */
export function neededBy(going: readonly Candidate[], account: string): string[] {
  const needed = new Set<string>();
  for (const { verdict, target, seen } of going) {
    const isNew = isMaking(verdict.mode);
    if (isNew) needed.add('portal:user:createItem');
    if (isNew && target.name !== null) needed.add('portal:publisher:publishFeatures');
    if ((seen.item?.owner ?? account) !== account) needed.add('portal:admin:updateItems');
    if (isNew && target.home.owner !== account) needed.add('portal:admin:reassignItems');
    if (target.home.owner !== account && target.sharing !== null) {
      if (target.sharing.access === 'public') needed.add('portal:admin:shareToPublic');
      if (target.sharing.access === 'org') needed.add('portal:admin:shareToOrg');
      if (target.sharing.groups.length > 0) needed.add('portal:admin:shareToGroup');
    }
  }
  return [...needed].sort();
}

/** The same of groups. */
export function neededByGroups(groups: Iterable<GroupSeen>, account: string): string[] {
  const needed = new Set<string>();
  for (const { saved, live, owner, blocked } of groups) {
    if (blocked !== null) continue;
    const { capabilities } = saved.record;
    if (live === undefined) needed.add('portal:user:createGroup');
    if (live === undefined && Array.isArray(capabilities) && capabilities.includes('updateitemcontrol'))
      needed.add('portal:admin:createUpdateCapableGroup');
    if (live === undefined && owner !== account) needed.add('portal:admin:reassignGroups');
    if (live !== undefined && live.owner !== account)
      for (const verb of ['updateGroups', 'assignToGroups']) needed.add(`portal:admin:${verb}`);
    if (saved.items.length > 0) needed.add('portal:admin:shareToGroup');
  }
  return [...needed].sort();
}

/** How many bytes are sent for an item. */
export function bytesSent({ version, verdict, differences }: Compared): number {
  const isAll = verdict.mode !== 'in-place';
  const parts = version.manifest.parts.filter(
    ({ role }) =>
      isAll || differences.some(({ part }) => part === role || (part === 'resources' && role === 'resource')),
  );
  return parts.reduce((sum, { size }) => sum + size, 0);
}
