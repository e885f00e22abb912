import { lacking } from '../../arcgis/connection/identity.ts';
import type { Portal } from '../../arcgis/portal.ts';
import { BackupError, isCode } from '../../errors.ts';
import { groupsAt, type SavedGroup } from '../../history/groups.ts';
import type { Planning } from '../planning/planning.ts';
import type { IdMap } from '../references/id-map.ts';
import { groupType, type PlannedItem, type Pointing } from '../words.ts';
import { changingForm, readState, type GroupState, type GroupTarget } from './group.ts';

/** Living groups that name what is made anew as it was called, in what is written about them; and what is done with each. */
export interface PointingGroups {
  pointing: Pointing[];
  items: PlannedItem[];
  targets: Record<string, GroupTarget>;
}

/** @param foreseen old names, with something in the place of the new ones */
export async function pointingGroups(
  planning: Planning,
  foreseen: IdMap,
  names: readonly string[],
): Promise<PointingGroups> {
  const { deps, portal, history, groups, wish } = planning;
  const found: PointingGroups = { pointing: [], items: [], targets: {} };
  const { head } = history;
  const isNaming = ({ record }: Pick<SavedGroup, 'record'>) =>
    Object.keys(changingForm(record, record, foreseen)).length > 0;
  const saved = head === undefined ? [] : [...(await groupsAt(deps.run, head)).values()];
  for (const group of saved.filter(({ id, ...each }) => !groups.has(id) && isNaming(each))) {
    const live = await readLive(portal, group.id);
    if (live === undefined || (live !== 'unknown' && !isNaming(live))) continue;
    const { id: itemId, title, owner } = group;
    const text = JSON.stringify((live === 'unknown' ? group : live).record).toLowerCase();
    const own = names.filter((name) => text.includes(name.toLowerCase()));
    found.pointing.push({ itemId, title, type: groupType, owner, names: own });
    if (wish.repoint !== true) continue;
    const blocked = live === 'unknown' ? unsure() : hindrance(planning, live);
    const what = `names by their new names what is made anew: ${own.join(', ')}`;
    const steps = blocked === null ? [{ step: 'record', danger: 2, what } as const] : [];
    const overwrites = steps.map(({ step }) => `${step}: ${what}`);
    const how = { state: live === 'unknown' ? live : 'live', mode: 'in-place', commit: group.commit } as const;
    found.items.push({ itemId, title, type: groupType, owner, ...how, steps, overwrites, blocked });
    if (blocked === null && live !== 'unknown') found.targets[itemId] = { ...live, id: itemId, takesAway: nobody };
  }
  return found;
}

async function readLive(portal: Portal, id: string): Promise<GroupState | undefined | 'unknown'> {
  try {
    return await readState(portal, id);
  } catch (error) {
    if (isCode(error, 'PORTAL_REFUSED', 'PORTAL_ERROR', 'PORTAL_ANSWER', 'LISTING_INCOMPLETE')) return 'unknown';
    throw error;
  }
}

const unsure = () => new BackupError('RESTORE_UNSURE', 'The portal does not say how the group is.').toJSON();

const nobody = { members: [], managers: [], items: [] };

function hindrance({ identity }: Planning, { record, owner }: GroupState) {
  const refuse = (why: string) => new BackupError('RESTORE_REPOINT', why).toJSON();
  if (record['protected'] === true) return refuse('It is protected, and is not re-pointed.');
  const isOwn = owner.toLowerCase() === identity.username?.toLowerCase();
  const isShut = !isOwn && lacking(identity, ['portal:admin:updateGroups']).length > 0;
  return isShut ? refuse(`${identity.username ?? ''} may not change a group of ${owner}.`) : null;
}
