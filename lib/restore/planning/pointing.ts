import { lacking } from '../../arcgis/connection/identity.ts';
import { isBeforeRestore } from '../../backup/before-restore.ts';
import type { Item } from '../../backup/item.ts';
import { BackupError, isCode, type Failure } from '../../errors.ts';
import { readUses, type UseGraph } from '../../history/uses.ts';
import { isSeen, type Seen } from '../../history/version-at.ts';
import type { GroupTarget } from '../groups/group.ts';
import { pointingGroups } from '../groups/pointing-groups.ts';
import type { PlannedTarget } from '../journal/restore.ts';
import { serviceNameOf } from '../layers/make-service.ts';
import { idMap, serviceKey, type IdMap } from '../references/id-map.ts';
import { namingAspects } from '../references/repointed.ts';
import { readVersion } from '../version.ts';
import { noFolder, type PlannedItem, type PlannedStep, type Pointing } from '../words.ts';
import type { Candidate } from './candidate.ts';
import type { Planning } from './planning.ts';

/** What is named as it was, and what is done about it. */
export interface PointingPlan {
  pointing: Pointing[];
  /** with `repoint`: the same, as what is done with them */
  items: PlannedItem[];
  targets: Record<string, PlannedTarget>;
  /** the same of groups */
  groups: Record<string, GroupTarget>;
  /** who names what the portal may call otherwise although nothing says that it will */
  unforeseen: Pointing[];
}

/** Names that will lead nowhere although what they named is there again: of items, groups and folders, and addresses of services. */
interface OldNames {
  ids: readonly string[];
  /** old addresses, with the new ones as far as they can be foreseen */
  services: readonly { from: string; to: string }[];
}

/** Without `repoint` so many of them are looked for in the portal; of others the archive says that they live. */
const mostLooked = 200;

/**
 * The living items and groups that name what is made anew as it was called, as far as the archive knows what they name; all but those that are
 * put back themselves. With `repoint` also what is done with each of them.
 */
export async function pointingAt(
  planning: Planning,
  graph: UseGraph,
  going: readonly Candidate[],
): Promise<PointingPlan> {
  const plan: PointingPlan = { pointing: [], items: [], targets: {}, groups: {}, unforeseen: [] };
  const old = oldNames(planning, going);
  for (const { version, names } of await namersOf(planning, graph, perhapsOld(planning, going)))
    plan.unforeseen.push(asPointing(version, names));
  if (old.ids.length + old.services.length === 0) return plan;
  const namers = await namersOf(planning, graph, old);
  for (const [n, { version, names }] of namers.entries()) {
    const { id: itemId } = version.after;
    const isLooked = planning.wish.repoint === true || n < mostLooked;
    const seen = isLooked ? await lookAt(planning, itemId) : 'unknown';
    if (seen === 'gone') continue;
    plan.pointing.push(asPointing(version, names));
    if (planning.wish.repoint === true) await repoint(planning, plan, { version, seen, names, old });
  }
  const named = [...old.ids, ...old.services.map(({ from }) => from)];
  const groups = await pointingGroups(planning, foreseen(old), named);
  return {
    ...plan,
    pointing: [...plan.pointing, ...groups.pointing],
    items: [...plan.items, ...groups.items],
    groups: groups.targets,
  };
}

function asPointing({ after: { id: itemId, title, type, owner } }: Seen, names: string[]): Pointing {
  return { itemId, title, type, owner, names };
}

/** Who names one of these, but for what is put back itself, as the archive has it last; of what a restore has saved before it changed it, also as it was in the night before. */
async function namersOf(
  { deps, history, wish }: Planning,
  graph: UseGraph,
  old: OldNames,
): Promise<{ version: Seen; names: string[] }[]> {
  const ids = new Set(old.ids);
  const services = new Set(old.services.flatMap(({ from }) => serviceKey(from) ?? []));
  if (ids.size + services.size === 0) return [];
  const isOld = (name: string) => ids.has(name.toLowerCase()) || services.has(serviceKey(name) ?? '');
  const own = new Set(wish.versions.map(({ after }) => after.id));
  const found: { version: Seen; names: string[] }[] = [];
  const namers = graph.namersOf(isOld);
  for (const [id, version] of history.latest()) {
    if (own.has(id)) continue;
    const names = namers.get(id);
    if (isSeen(version) && names !== undefined) found.push({ version, names });
    if (!isSeen(version) || names !== undefined || !isBeforeRestore(version.commit.message)) continue;
    const night = history.versions(id).find(({ commit }) => !isBeforeRestore(commit.message));
    if (night === undefined || !isSeen(night)) continue;
    const uses = night.after.uses ?? (await readUses(deps.run, night.after));
    const then = uses.names.filter(isOld);
    if (then.length > 0) found.push({ version: night, names: then });
  }
  return found;
}

/** What is made anew and lives no more. Elsewhere nobody knows the old names; what still lives under them is named rightly. */
function madeAnew({ isElsewhere }: Planning, going: readonly Candidate[]): Candidate[] {
  return isElsewhere ? [] : going.filter(({ verdict, seen }) => verdict.mode === 'new' && seen.state !== 'live');
}

/** A wished id may not be granted, and a name that is free be taken by then. */
function perhapsOld(planning: Planning, going: readonly Candidate[]): OldNames {
  const anew = madeAnew(planning, going);
  return {
    ids: planning.isEnterprise ? anew.map(({ version }) => version.itemId) : [],
    services: anew.flatMap(({ target: { service: from } }) => (from === null ? [] : [{ from, to: from }])),
  };
}

function oldNames(planning: Planning, going: readonly Candidate[]): OldNames {
  const { isEnterprise, isElsewhere, groups, folders } = planning;
  const anew = madeAnew(planning, going);
  const ofGroups = [...groups.values()].filter(({ saved, id, blocked }) => blocked === null && id !== saved.id);
  return {
    ids: [
      ...(isEnterprise ? [] : anew.map(({ version }) => version.itemId)),
      ...(isElsewhere ? [] : ofGroups.map(({ saved }) => saved.id)),
      ...(isElsewhere ? [] : folders.flatMap(({ from }) => from)),
    ],
    services: anew.flatMap(({ version, target: { service: from, name } }) => {
      const before = serviceNameOf(version.record);
      if (from === null || name === null || before === undefined || before === name) return [];
      return [{ from, to: from.replace(`/${before}/`, `/${name}/`) }];
    }),
  };
}

async function lookAt({ portal }: Planning, itemId: string): Promise<Item | 'gone' | 'unknown'> {
  try {
    return (await portal.item(itemId)) ?? 'gone';
  } catch (error) {
    if (isCode(error, 'PORTAL_REFUSED', 'PORTAL_ERROR', 'PORTAL_ANSWER')) return 'unknown';
    throw error;
  }
}

/** One that names something as it was called. */
interface Namer {
  /** as the archive has it last */
  version: Seen;
  seen: Item | 'unknown';
  names: readonly string[];
  old: OldNames;
}

async function repoint(planning: Planning, { items, targets }: PointingPlan, namer: Namer): Promise<void> {
  const { version, seen, names } = namer;
  const { after: state, commit } = version;
  const blocked = await hindrance(planning, namer);
  const what = `names by their new names what is made anew: ${names.join(', ')}`;
  const steps: PlannedStep[] = blocked === null ? [{ step: 'repoint', danger: 2, what }] : [];
  const { id: itemId, title, type } = state;
  const owner = seen === 'unknown' ? state.owner : seen.owner;
  const how = { state: seen === 'unknown' ? 'unknown' : 'live', mode: 'in-place' } as const;
  const overwrites = steps.map((each) => `${each.step}: ${each.what}`);
  items.push({ itemId, title, type, owner, ...how, commit: commit.oid, steps, overwrites, blocked });
  if (blocked !== null || seen === 'unknown') return;
  const home = { owner, folder: noFolder, folderId: null };
  const rest = { sharing: null, service: null, name: null, categories: null };
  targets[itemId] = { home, ...rest, id: itemId, modified: seen.modified };
}

/** Why one is not re-pointed; null when it is. */
async function hindrance(
  { deps, identity }: Planning,
  { version: { after, commit }, seen, old }: Namer,
): Promise<Failure | null> {
  if (seen === 'unknown') return refused('RESTORE_UNSURE', 'The portal does not say whether the item is there.');
  if (seen['protected'] === true) return refused('RESTORE_REPOINT', 'It is protected, and is not re-pointed.');
  const isOwn = seen.owner.toLowerCase() === identity.username?.toLowerCase();
  const isShut = seen['itemControl'] === 'view' || seen['itemControl'] === 'none';
  if (!isOwn && (isShut || lacking(identity, ['portal:admin:updateItems']).length > 0))
    return refused('RESTORE_REPOINT', `${identity.username ?? ''} may not change what ${seen.owner} owns.`);
  try {
    const version = await readVersion(deps.run, { itemId: after.id, commit: commit.oid, tree: after.tree });
    if ((await namingAspects(deps.run, version, foreseen(old))).size > 0) return null;
  } catch (error) {
    if (!isCode(error, 'RESTORE_REPOINT', 'RESTORE_DAMAGED', 'STORE_DAMAGED')) throw error;
    return refused('RESTORE_REPOINT', error.message);
  }
  return refused(
    'RESTORE_REPOINT',
    'It names it where nothing is replaced: in its record, its relations, its layers, or in a file that people made.',
  );
}

function refused(code: 'RESTORE_UNSURE' | 'RESTORE_REPOINT', message: string): Failure {
  return new BackupError(code, message).toJSON();
}

/** Stands for what the portal will call what is made; ids all have one length. */
function foreseen({ ids, services }: OldNames): IdMap {
  return idMap(
    ids.map((id) => [id, '0'.repeat(32)] as const),
    services,
  );
}
