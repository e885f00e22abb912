import { lacking } from '../../arcgis/connection/identity.ts';
import { BackupError, isCode, type Failure } from '../../errors.ts';
import type { SavedGroup } from '../../history/groups.ts';
import { idMap, type IdMap } from '../references/id-map.ts';
import type { Planning } from '../planning/planning.ts';
import { groupType, type ItemState, type PlannedItem, type PlannedStep, type StepName } from '../words.ts';
import { differencesOf, readState, type GroupState, type GroupTarget } from './group.ts';
import { withPicture } from './picture.ts';

/** A group that was asked for, and what was found of it. */
export interface GroupSeen {
  saved: SavedGroup;
  state: ItemState;
  /** the one that lives, which may have another id */
  id: string | null;
  live: GroupState | undefined;
  owner: string;
  blocked: Failure | null;
}

type Looking = Pick<Planning, 'portal' | 'identity' | 'wish' | 'isElsewhere' | 'organization'>;

/** Looks for each group in the portal: by its id, by the mark of an earlier restore, by title and owner (restore.md 0, 4). */
export async function lookAtGroups(looking: Looking, groups: readonly SavedGroup[]): Promise<Map<string, GroupSeen>> {
  const seen = new Map<string, GroupSeen>();
  for (const saved of groups) seen.set(saved.id, await lookAtGroup(looking, saved));
  return seen;
}

async function lookAtGroup(looking: Looking, saved: SavedGroup): Promise<GroupSeen> {
  const { portal, wish } = looking;
  const hasOwner = saved.owner !== '' && (await portal.memberExists(saved.owner));
  const owner = hasOwner ? saved.owner : (wish.owner ?? saved.owner);
  const found = await find(looking, saved, owner);
  if (found === undefined) return { saved, state: 'unknown', id: null, live: undefined, owner, blocked: unsure() };
  const state = found === null ? undefined : await readState(portal, found);
  const live = state && saved.picture !== undefined ? await withPicture(portal, state) : state;
  if (live !== undefined) return { saved, state: 'live', id: found, live, owner, blocked: null };
  const isOwned = hasOwner || (owner !== saved.owner && (await portal.memberExists(owner)));
  const blocked = isOwned ? null : nobody(owner);
  return { saved, state: 'gone', id: null, live: undefined, owner, blocked };
}

/** Its id, null of one that is gone, undefined where nobody can say. */
async function find(looking: Looking, saved: SavedGroup, owner: string): Promise<string | null | undefined> {
  const { portal, identity, isElsewhere, organization } = looking;
  try {
    if (!isElsewhere && (await portal.findGroup(saved.id)) !== undefined) return saved.id;
    const [marked] = await portal.searchGroups(organization, { tag: `source-${saved.id}` });
    if (marked !== undefined) return marked.id;
    const [named] = await portal.searchGroups(organization, { title: saved.title, owner });
    if (named !== undefined) return named.id;
    await portal.prove();
    return lacking(identity, ['portal:admin:viewGroups']).length > 0 ? undefined : null;
  } catch (error) {
    if (isCode(error, 'PORTAL_REFUSED', 'PORTAL_ERROR', 'PORTAL_ANSWER', 'PORTAL_UNREACHABLE', 'PORTAL_BUSY'))
      return undefined;
    throw error;
  }
}

const unsure = () => new BackupError('RESTORE_UNSURE', 'The portal does not say whether the group is there.').toJSON();
const nobody = (owner: string) => new BackupError('RESTORE_OWNER', `Nobody in the portal is called ${owner}.`).toJSON();

/** Names of groups that are others now; of those that will be made only that they will be. */
export function groupsMap(seen: ReadonlyMap<string, GroupSeen>): [string, string][] {
  return [...seen.values()].flatMap(({ saved, id, blocked }): [string, string][] =>
    blocked === null ? [[saved.id, id ?? '0'.repeat(32)]] : [],
  );
}

/** What is done with each group. @param going items that are put back themselves, with their own sharing */
export async function planGroups(
  planning: Planning,
  going: ReadonlySet<string>,
): Promise<{ items: PlannedItem[]; targets: Record<string, GroupTarget> }> {
  const items: PlannedItem[] = [];
  const targets: Record<string, GroupTarget> = {};
  for (const seen of planning.groups.values()) {
    const target = await targetOf(planning, seen, going);
    if (seen.blocked === null) targets[seen.saved.id] = target;
    items.push(plannedGroup(planning, seen, target));
  }
  return { items, targets };
}

async function targetOf(planning: Planning, seen: GroupSeen, going: ReadonlySet<string>): Promise<GroupTarget> {
  const { saved, live, id, owner } = seen;
  const { admins, members } = saved;
  const items = seen.blocked === null ? await itemsThen(planning, seen, going) : [];
  const record = live === undefined ? saved.record : notWider(planning, saved, live);
  const takesAway = { members: [], managers: [], items: [] };
  const picture = await pictureThen(planning, saved);
  return { record, owner, admins, members, items, id, takesAway, ...(picture !== undefined && { picture }) };
}

/** One that is damaged is left as it is. */
async function pictureThen({ deps, warnings }: Planning, { id, picture }: SavedGroup): Promise<GroupState['picture']> {
  if (picture === null || picture === undefined) return picture;
  try {
    const bytes = await deps.run.repository.blob(picture.oid);
    return { name: picture.name, base64: bytes.toString('base64') };
  } catch (error) {
    if (!isCode(error, 'STORE_DAMAGED')) throw error;
    warnings.push({ code: 'NOT_SAVED', itemId: id, message: 'Its picture is damaged in the archive.' });
    return undefined;
  }
}

const levels = ['private', 'org', 'public'];

/** A living group is opened to nobody to whom it is closed, unless that is wished. */
function notWider({ wish, warnings }: Planning, { id, record }: SavedGroup, live: GroupState): SavedGroup['record'] {
  const [then, now] = [record['access'], live.record['access']];
  if (levels.indexOf(String(then)) <= levels.indexOf(String(now)) || wish.widenSharing === true) return record;
  const message = `It was open to whom it is closed now (${String(then)}); that is left as it is without --widen-sharing.`;
  warnings.push({ code: 'SHARED_WIDER', itemId: id, message });
  return { ...record, access: now };
}

/** What is shared with it again: what lives, and is not put back itself. */
async function itemsThen(
  planning: Planning,
  { saved, live }: GroupSeen,
  going: ReadonlySet<string>,
): Promise<string[]> {
  const { portal, wish, warnings } = planning;
  const left: string[] = [];
  const wider: string[] = [];
  for (const id of saved.items.filter((each) => !going.has(each))) {
    if (live?.items.includes(id) === true) left.push(id);
    else if ((await portal.item(id)) === undefined)
      warnings.push({ code: 'ITEM_GONE', itemId: saved.id, message: `${id} was shared with it, and is gone.` });
    else if (live === undefined || wish.widenSharing === true) left.push(id);
    else wider.push(id);
  }
  const message = `${wider.join(', ')} was shared with it, and is not now; that is left as it is without --widen-sharing.`;
  if (wider.length > 0) warnings.push({ code: 'SHARED_WIDER', itemId: saved.id, message });
  return left;
}

function plannedGroup(
  planning: Planning,
  { saved, state, live, blocked }: GroupSeen,
  target: GroupTarget,
): PlannedItem {
  const account = planning.identity.username ?? '';
  const map = idMap(groupsMap(planning.groups));
  const steps =
    blocked !== null ? [] : live === undefined ? making(target, account) : changing(live, target, map, account);
  const { id: itemId, title, owner, commit } = saved;
  const overwrites = steps.filter(({ danger }) => danger > 1).map(({ step, what }) => `${step}: ${what}`);
  const mode = state === 'gone' ? 'new' : 'in-place';
  return { itemId, title, type: groupType, owner, state, mode, commit, steps, overwrites, blocked };
}

function making(target: GroupTarget, account: string): PlannedStep[] {
  const { owner, members, admins, items, record } = target;
  const steps: PlannedStep[] = [{ step: 'create', danger: 1, what: `makes it anew, of ${owner}` }];
  const add = (step: StepName, what: string) => steps.push({ step, danger: 1, what });
  const others = new Set([...members, ...admins].filter((name) => name !== owner));
  if (target.picture) add('thumbnail', 'puts back its picture');
  if (others.size > 0) add('members', `adds ${others.size} members`);
  if (owner !== account) add('owner', `gives it to ${owner}`);
  if (items.length > 0) add('items', `shares ${items.length} items with it`);
  if (record['protected'] === true) add('protection', 'protects it as before');
  return steps;
}

function changing(live: GroupState, target: GroupTarget, map: IdMap, account: string): PlannedStep[] {
  const found = differencesOf(live, target, map, account).filter(({ equivalent }) => equivalent !== true);
  const parts = [...new Set(found.map(({ part }) => part))];
  return parts.map((step) => {
    const what = found.filter(({ part }) => part === step).map((each) => each.what);
    return {
      step,
      danger: step === 'record' || step === 'thumbnail' || step === 'protection' ? 2 : 1,
      what: what.join('; '),
    };
  });
}
