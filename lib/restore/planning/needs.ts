import { largest } from '../aspects/large-file.ts';
import { isMaking, type RowsWish } from '../words.ts';
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

/** How many bytes are sent for an item; of rows that are mended their share of those of all. */
export function bytesSent(item: Compared, how: RowsWish['how']): number {
  const { version, verdict, differences } = item;
  const isAll = verdict.mode !== 'in-place';
  const share = shareOfRows(item, how);
  return version.manifest.parts.reduce((sum, { role, size }) => {
    if (role === 'export') return sum + Math.round(size * share);
    const isSent = differences.some(({ part }) => part === role || (part === 'resources' && role === 'resource'));
    return isAll || isSent ? sum + size : sum;
  }, 0);
}

/** Rows of one request, as they are loaded. */
const rowsAtOnce = 500;

/** What an item takes besides one write a step: a request for some hundred rows, for each file at a row, resource, and part of a large file. */
export function furtherWrites(item: Compared, how: RowsWish['how']): number {
  const { version, verdict, differences } = item;
  const share = shareOfRows(item, how);
  const layers = version.manifest.layers ?? [];
  const rows = layers.reduce((sum, each) => sum + Math.ceil(((each.rows ?? 0) * share) / rowsAtOnce), 0);
  const files = layers.reduce((sum, each) => sum + Math.round((each.attachments ?? 0) * share), 0);
  const isSent = (part: string) => verdict.mode !== 'in-place' || differences.some((each) => each.part === part);
  const resources = isSent('resources') ? version.manifest.parts.filter(({ role }) => role === 'resource').length : 0;
  const data = isSent('data') ? (version.manifest.parts.find(({ role }) => role === 'data')?.size ?? 0) : 0;
  return rows + files + Math.max(0, resources - 1) + Math.floor(data / largest);
}

/** How much of a version's rows goes into the portal, 0 to 1; of what comes out of the bin mostly nothing, but nobody knows. */
function shareOfRows({ verdict, differences, layers }: Compared, how: RowsWish['how']): number {
  if (verdict.mode !== 'in-place') return 1;
  if (!differences.some(({ part }) => part === 'rows')) return 0;
  if (how === 'all' || layers === undefined || layers.some(({ missing }) => missing === null)) return 1;
  const then = layers.reduce((sum, each) => sum + (each.then ?? 0), 0);
  const going = layers.reduce(
    (sum, each) => sum + (each.missing ?? 0) + (how === 'missing' ? 0 : (each.changed ?? 0)),
    0,
  );
  return then === 0 ? 1 : Math.min(1, going / then);
}
