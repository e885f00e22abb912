import type { Archive } from '../archive/archive.ts';
import type { Identity } from '../arcgis/connection/identity.ts';
import { lacking } from '../arcgis/connection/identity.ts';
import type { Portal } from '../arcgis/portal.ts';
import { archivedJson } from '../archive/archived-json.ts';
import { newRunId } from '../archive/runs/run-history.ts';
import type { Manifest } from '../backup/item.ts';
import { BackupError, isCode } from '../errors.ts';
import type { History } from '../history/history.ts';
import { namedBy } from './named.ts';
import type { Seen as SeenVersion } from '../history/version-at.ts';
import { isSeen } from '../history/version-at.ts';
import { differencesOf } from './aspects/all.ts';
import type { Target } from './aspects/aspect.ts';
import type { RestoreDeps } from './deps.ts';
import type { PlannedTarget, Restore } from './journal/journal.ts';
import { look, type Seen } from './look.ts';
import { classOf } from './plan/class.ts';
import { judge, type Verdict } from './plan/judge.ts';
import { inOrder } from './plan/order.ts';
import { stepsOf } from './plan/steps.ts';
import type { IdMap } from './references.ts';
import { readSharing, levelled, notWider, widerBy } from './sharing.ts';
import { damagedParts, readVersion, type Version } from './version.ts';
import {
  aspectNames,
  isMaking,
  noFolder,
  type AskedMode,
  type AspectName,
  type Difference,
  type Mode,
  type Plan,
  type PlannedItem,
  type PlanWarning,
} from './words.ts';

/** What a restore is asked for. */
export interface Wish {
  /** the version of each item */
  versions: readonly SeenVersion[];
  at: string;
  mode: AskedMode;
  /** what is put back; all unless given */
  only?: readonly AspectName[];
  /** who takes what belongs to nobody any more */
  owner?: string | undefined;
  widenSharing?: boolean;
}

/** One item while it is planned. */
interface Candidate {
  version: Version;
  seen: Seen;
  verdict: Verdict;
  damaged: string[];
  target: PlannedTarget;
  differences: Difference[];
}

/**
 * Looks at everything that the restore will meet, and changes nothing. Throws RESTORE_ACCOUNT, RESTORE_FOREIGN, what the sign-in and
 * the store throw.
 */
export async function makePlan(deps: RestoreDeps, history: History, wish: Wish): Promise<Restore> {
  const { clock, random } = deps.run;
  const { portal, url } = await deps.restorer();
  const identity = await identityOf(portal);
  const self = await portal.self();
  const isElsewhere = await refuseForeign(deps, history, self.id);
  const only = new Set(wish.only ?? aspectNames);
  const context: Context = { deps, portal, identity, history, wish, isElsewhere, only, warnings: [] };
  const found: Candidate[] = [];
  for (const seen of wish.versions) found.push(await lookAt(context, seen));
  // What is made anew in the same go will have another id, which others are to name.
  const anew = found.filter(({ verdict }) => verdict.blocked === null && verdict.mode === 'new');
  const map = new Map(self['isPortal'] === true ? [] : anew.map(({ version }) => [version.itemId, '0'.repeat(32)]));
  for (const each of found) each.differences = await differencesNow(context, each, map);
  const items = found.map((each) => plannedOf(context, each));
  const needs = new Map<string, ReadonlySet<string>>();
  const dangling: Plan['dangling'] = [];
  const going = found.filter(({ verdict }) => verdict.blocked === null);
  for (const { version } of going) {
    const named = await namedBy(deps.run, version);
    needs.set(version.itemId, named.ids);
    for (const names of named.surelyIds)
      if (!going.some((each) => each.version.itemId === names) && !(await isThere(context, names)))
        dangling.push({ itemId: version.itemId, names });
  }
  const order = inOrder(
    going.map(({ version }) => version.itemId),
    needs,
  );
  const started = clock.now();
  const restoreId = newRunId(started, random());
  const account = identity.username ?? '';
  const target = { portal: url, organization: self.id, account };
  const privileges = lacking(identity, neededBy(going, account));
  const requests = items.reduce((sum, { steps }) => sum + steps.length, 0);
  const bytes = going.reduce((sum, each) => sum + bytesOf(each), 0);
  const plan: Plan = {
    planId: restoreId,
    target,
    at: wish.at,
    items,
    order,
    dangling,
    needs: { privileges, requests, bytes },
    warnings: context.warnings,
  };
  const byId = <T>(value: (each: Candidate) => T) =>
    Object.fromEntries(going.map((each) => [each.version.itemId, value(each)]));
  return {
    restoreId,
    started,
    mark: random().slice(0, 16),
    plan,
    versions: byId(({ version: { itemId, commit, tree } }) => ({ itemId, commit, tree })),
    targets: byId((each) => each.target),
    only: [...only],
    honoursIds: self['isPortal'] === true,
    undoes: null,
  };
}

/** Who restores. Throws RESTORE_ACCOUNT and RESTORE_PRIVILEGE, for the settings of this account have other names. */
async function identityOf(portal: Portal): Promise<Identity> {
  try {
    return await portal.identity();
  } catch (error) {
    if (isCode(error, 'AUTH_SIGN_IN', 'AUTH_ANONYMOUS')) throw new BackupError('RESTORE_ACCOUNT', error.message);
    if (isCode(error, 'AUTH_PRIVILEGE')) throw new BackupError('RESTORE_PRIVILEGE', error.message);
    throw error;
  }
}

interface Context {
  deps: RestoreDeps;
  portal: Portal;
  identity: Identity;
  history: History;
  wish: Wish;
  isElsewhere: boolean;
  only: ReadonlySet<AspectName>;
  warnings: PlanWarning[];
}

/** Is it another organization than the one that was backed up? Throws RESTORE_FOREIGN when nobody said so. */
async function refuseForeign(
  { run, restorer }: RestoreDeps,
  { head }: History,
  organization: string,
): Promise<boolean> {
  const oid = head && (await run.repository.treeAt(head.tree, 'organization/portal.json'));
  const saved =
    oid === undefined ? undefined : ((await archivedJson(run.repository, oid)) as { id?: unknown } | undefined);
  if (typeof saved?.id !== 'string' || saved.id === organization) return false;
  if ((await restorer()).isOwnPortal) return true;
  throw new BackupError(
    'RESTORE_FOREIGN',
    `The archive is of the organization ${saved.id}, and the portal is that of ${organization}.`,
  );
}

async function lookAt(context: Context, { after, commit }: SeenVersion): Promise<Candidate> {
  const { deps, portal, identity, wish, isElsewhere, history } = context;
  const version = await readVersion(deps.run, { itemId: after.id, commit: commit.oid, tree: after.tree });
  const { owner: ownerThen } = version.manifest;
  const seen: Seen = isElsewhere
    ? { state: 'gone', item: undefined }
    : await look(portal, identity, { id: after.id, owner: ownerThen });
  const hasOwnerThen = await portal.memberExists(ownerThen);
  const owner = hasOwnerThen ? ownerThen : (wish.owner ?? seen.item?.owner ?? ownerThen);
  const hasOwner = hasOwnerThen || (owner !== ownerThen && (await portal.memberExists(owner)));
  const damaged = await damagedParts(deps.run, version);
  const verdict = judge({
    itemId: after.id,
    commit: commit.oid,
    asked: wish.mode,
    state: seen.state,
    classes: { anew: classOf(version.record, true), inPlace: classOf(version.record, false) },
    damaged,
    sound: damaged.length === 0 ? null : await newestSound(deps.run, history, after.id),
    hasOwner,
    owner: wish.owner ?? ownerThen,
    isElsewhere,
  });
  const home = homeOf(version.manifest, owner, verdict, deps.run.clock.now());
  const sharing = await sharingFor(context, version, seen, verdict);
  const target: PlannedTarget = { home, sharing, id: after.id, modified: seen.item?.modified ?? null };
  return { version, seen, verdict, damaged, target, differences: [] };
}

function homeOf({ folder, folderId }: Manifest, owner: string, { mode }: Verdict, now: number): PlannedTarget['home'] {
  if (mode !== 'beside') return { owner, folder: folder === '' ? noFolder : folder, folderId: folderId ?? null };
  return { owner, folder: `Restored ${new Date(now).toISOString().slice(0, 10)}`, folderId: null };
}

/** With whom it is shared in the end; null = nothing is done about it. */
async function sharingFor(
  context: Context,
  version: Version,
  { item, state }: Seen,
  { mode }: Verdict,
): Promise<PlannedTarget['sharing']> {
  const { portal, wish, warnings } = context;
  const { itemId } = version;
  // A second one of something that is public is nobody's wish but that of who asks for it.
  if (mode === 'beside' || (mode === 'new' && state === 'live')) return { access: 'private', groups: [] };
  if (version.sharing === undefined) return null;
  const groups: string[] = [];
  for (const group of version.sharing.groups) {
    if (await portal.groupExists(group)) groups.push(group);
    else
      warnings.push({ code: 'GROUP_GONE', itemId, message: `It was shared with the group ${group}, which is gone.` });
  }
  const wanted = levelled({ access: version.sharing.access, groups });
  const now = item === undefined ? undefined : readSharing(await portal.sharing(item));
  if (now === undefined) return { access: wanted.access, groups: [...wanted.groups] };
  const wider = widerBy(now, wanted);
  if (!wider.access && wider.groups.length === 0) return { access: wanted.access, groups: [...wanted.groups] };
  const whom = [...(wider.access ? [wanted.access] : []), ...wider.groups.map((id) => `group ${id}`)].join(', ');
  const done = wish.widenSharing === true;
  warnings.push({
    code: 'SHARED_WIDER',
    itemId,
    message: done
      ? `It will be open to whom it is closed now: ${whom}.`
      : `It was open to whom it is closed now (${whom}); that is left as it is without --widen-sharing.`,
  });
  const { access, groups: kept } = done ? wanted : notWider(now, wanted);
  return { access, groups: [...kept] };
}

/** Where a living item is not as it will be. @param map what is made anew, by any other id */
async function differencesNow(
  { deps, portal, only }: Context,
  { version, verdict, seen: { item }, target: { home, sharing, id } }: Candidate,
  map: IdMap,
): Promise<Difference[]> {
  if (verdict.blocked !== null || verdict.mode !== 'in-place' || item === undefined) return [];
  const target: Target = {
    archive: deps.run,
    portal,
    clock: deps.run.clock,
    version,
    id,
    map,
    home,
    sharing: sharing ?? undefined,
  };
  return differencesOf(target, item, only);
}

function plannedOf(
  { warnings, only }: Context,
  { version, seen, verdict, target, differences }: Candidate,
): PlannedItem {
  const { itemId, manifest, record } = version;
  const { mode, blocked } = verdict;
  const { owner, folder } = target.home;
  const facts = { mode, manifest, differences, only, isProtected: record['protected'] === true, owner, folder };
  const steps = blocked === null ? stepsOf(facts) : [];
  if (blocked === null) warn(warnings, { version, seen, mode, differences });
  const overwrites = steps.filter(({ danger }) => danger > 1).map(({ step, what }) => `${step}: ${what}`);
  return {
    itemId,
    title: manifest.title,
    type: manifest.type,
    owner: manifest.owner,
    state: seen.state,
    mode,
    commit: version.commit,
    steps,
    overwrites: mode === 'in-place' ? overwrites : [],
    blocked,
  };
}

function warn(
  warnings: PlanWarning[],
  { version, seen, mode, differences }: { version: Version; seen: Seen; mode: Mode; differences: Difference[] },
): void {
  const { itemId, record, manifest } = version;
  const fit = classOf(record, isMaking(mode));
  if (fit.is === 'unproven') warnings.push({ code: 'UNPROVEN', itemId, message: fit.why });
  const then = Number(manifest.stamp.split(',')[0]);
  const now = seen.item?.modified ?? 0;
  const isChanged = differences.some(({ equivalent }) => equivalent !== true);
  if (mode === 'in-place' && isChanged && now > then)
    warnings.push({
      code: 'NEWER',
      itemId,
      message: `It was changed at ${new Date(now).toISOString()}, after the version that is put back.`,
    });
}

async function isThere({ portal, isElsewhere }: Context, id: string): Promise<boolean> {
  try {
    return !isElsewhere && ((await portal.item(id)) !== undefined || (await portal.groupExists(id)));
  } catch (error) {
    // What the portal does not tell is not said to be gone.
    if (isCode(error, 'PORTAL_REFUSED', 'PORTAL_ERROR', 'PORTAL_ANSWER')) return true;
    throw error;
  }
}

/** The commit of the newest version whose parts are all sound; null when none of the last is. */
async function newestSound(archive: Archive, history: History, itemId: string): Promise<string | null> {
  for (const { after, commit } of history.versions(itemId).filter(isSeen).slice(0, mostLooked)) {
    try {
      const version = await readVersion(archive, { itemId, commit: commit.oid, tree: after.tree });
      if ((await damagedParts(archive, version)).length === 0) return commit.oid.slice(0, 10);
    } catch (error) {
      if (!isCode(error, 'RESTORE_DAMAGED', 'STORE_DAMAGED')) throw error;
    }
  }
  return null;
}

const mostLooked = 20;

function neededBy(going: readonly Candidate[], account: string): string[] {
  const needed = new Set<string>();
  for (const { verdict, target, seen } of going) {
    const isNew = isMaking(verdict.mode);
    if (isNew) needed.add('portal:user:createItem');
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

function bytesOf({ version, differences, verdict }: Candidate): number {
  const isAll = verdict.mode !== 'in-place';
  const parts = version.manifest.parts.filter(
    ({ role }) =>
      isAll || differences.some(({ part }) => part === role || (part === 'resources' && role === 'resource')),
  );
  return parts.reduce((sum, { size }) => sum + size, 0);
}
