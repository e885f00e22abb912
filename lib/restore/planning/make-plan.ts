import { lacking } from '../../arcgis/connection/identity.ts';
import { newRunId } from '../../archive/runs/run-history.ts';
import { BackupError } from '../../errors.ts';
import type { History } from '../../history/history.ts';
import type { RestoreDeps } from '../deps.ts';
import type { Restore } from '../journal/restore.ts';
import { serviceNameOf } from '../layers/make-service.ts';
import { inOrder } from '../plan/order.ts';
import { foldersMap, planFolders } from '../folders/plan-folders.ts';
import { groupsMap, lookAtGroups, planGroups } from '../groups/plan-groups.ts';
import { idMap } from '../references/id-map.ts';
import { aspectNames, isMaking, type PlannedItem } from '../words.ts';
import { warnOfCredits } from './credits.ts';
import { refuseForeign, refuseReadOnly } from './admission.ts';
import { categoryPaths } from './categories-then.ts';
import { compared, isGoing, lookAt, type Candidate, type Compared } from './candidate.ts';
import { namedByAll, namesThen } from './dangling.ts';
import { bytesSent, furtherWrites, neededBy, neededByGroups } from './needs.ts';
import { pointingAt } from './pointing.ts';
import { refuseSourceless } from './service-plan.ts';
import { plannedItem, unreadableItem } from './planned-item.ts';
import type { Planning, Wish } from './planning.ts';

/**
 * Looks at everything that the restore will meet, and changes nothing. Throws RESTORE_ACCOUNT, RESTORE_FOREIGN, RESTORE_READ_ONLY, what the sign-in and
 * the store throw.
 */
export async function makePlan(deps: RestoreDeps, history: History, wish: Wish): Promise<Restore> {
  const { portal, url } = await deps.restorer();
  const identity = await portal.identity();
  const self = await portal.self();
  refuseReadOnly(self, url);
  const isElsewhere = await refuseForeign(deps, history, self.id);
  const only = new Set(wish.only ?? aspectNames);
  let schema: ReturnType<typeof categoryPaths> | undefined;
  const categories = () => (schema ??= categoryPaths(portal));
  const { clock, random } = deps.run;
  const mark = random().slice(0, 16);
  const isEnterprise = self['isPortal'] === true;
  const known = { deps, portal, identity, history, isElsewhere, isEnterprise };
  const organization = self.id;
  const groups = await lookAtGroups({ portal, identity, wish, isElsewhere, organization }, wish.groups ?? []);
  const warnings: Planning['warnings'] = [];
  const ownerRight = oncePerName((username) => portal.ownerRight(username));
  const planning: Planning = {
    ...known,
    organization,
    groups,
    wish,
    mark,
    only,
    categories,
    ownerRight,
    folders: [],
    warnings,
  };
  const { found, unreadable } = await lookAtAll(planning);
  const going = found.filter(isGoing);
  const ofGroups = await planGroups(planning, new Set(going.map(idOf)));
  const graph = await namesThen(planning);
  const { needs, dangling } = await namedByAll(planning, graph, going);
  const ofPointing = await pointingAt(planning, graph, going);
  const put = found.map((each) => plannedItem(planning, each));
  const items = [...ofGroups.items, ...put, ...unreadable, ...ofPointing.items];
  // What is re-pointed comes last: all that it is to name is made by then.
  const order = [
    ...Object.keys(ofGroups.targets),
    ...inOrder(going.map(idOf), needs),
    ...[ofPointing.targets, ofPointing.groups].flatMap((each) => Object.keys(each)),
  ];
  if (!isEnterprise && going.some(({ verdict }) => isMaking(verdict.mode))) warnOfCredits(planning, self);
  const rows = wish.rows ?? { how: 'all' };
  const started = clock.now();
  const restoreId = newRunId(started, random());
  const account = identity.username ?? '';
  return {
    restoreId,
    started,
    mark,
    plan: {
      planId: restoreId,
      target: { portal: url, organization: self.id, account },
      at: wish.at,
      items,
      order,
      dangling,
      pointing: ofPointing.pointing,
      needs: {
        privileges: lacking(identity, [...neededBy(going, account), ...neededByGroups(groups.values(), account)]),
        requests: [
          ...items.map(({ steps }) => steps.length),
          ...going.map((each) => furtherWrites(each, rows.how)),
        ].reduce((sum, each) => sum + each, 0),
        bytes: going.reduce((sum, each) => sum + bytesSent(each, rows.how), 0),
      },
      warnings: inTheirOrder(planning),
    },
    versions: byId(going, ({ version: { itemId, commit, tree } }) => ({ itemId, commit, tree })),
    targets: { ...byId(going, ({ target }) => target), ...ofPointing.targets },
    groups: { ...ofGroups.targets, ...ofPointing.groups },
    folders: [...planning.folders],
    unforeseen: ofPointing.unforeseen,
    only: [...only],
    honoursIds: isEnterprise,
    rows,
    undoes: null,
  };
}

/** Those of one item after the other, whichever was looked at first. */
function inTheirOrder({ warnings, wish }: Planning): Planning['warnings'] {
  const place = new Map(wish.versions.map(({ after }, n) => [after.id, n]));
  const placeOf = (itemId: string | null) => (itemId === null ? -1 : (place.get(itemId) ?? place.size));
  return warnings.toSorted((a, b) => placeOf(a.itemId) - placeOf(b.itemId));
}

/** Asks for each name once. */
function oncePerName<T>(ask: (name: string) => Promise<T>): (name: string) => Promise<T> {
  const asked = new Map<string, Promise<T>>();
  return (name) => {
    const answer = asked.get(name) ?? ask(name);
    asked.set(name, answer);
    return answer;
  };
}

/** Looks at every version that is wished for, and compares what lives. */
async function lookAtAll(planning: Planning): Promise<{ found: Compared[]; unreadable: PlannedItem[] }> {
  const { wish, deps } = planning;
  const { lanes } = deps.run;
  const total = wish.versions.length;
  let done = 0;
  const looked = await lanes.map(wish.versions, async (version) => {
    const seen = await lookOrTell(planning, version);
    await wish.tell?.(++done, total);
    return seen;
  });
  const found = looked.flatMap((each) => ('verdict' in each ? each : []));
  const unreadable = looked.flatMap((each) => ('verdict' in each ? [] : each));
  await refuseSourceless(planning, found);
  planning.folders = await planFolders(planning, found.filter(isGoing));
  // What is made anew in the same go will have another id, which others are to name.
  const anew = found.filter((each) => isGoing(each) && each.verdict.mode === 'new');
  // Under its old name it has its old address.
  const moved = anew.filter(({ version, target: { name } }) => name !== serviceNameOf(version.record));
  const services = moved.flatMap(({ target: { service } }) => service ?? []);
  const map = idMap(
    [
      ...groupsMap(planning.groups),
      ...foldersMap(planning.folders),
      ...(planning.isEnterprise ? [] : anew.map((each) => [idOf(each), '0'.repeat(32)] as const)),
    ],
    services.map((from) => ({ from, to: unknownService })),
  );
  const coming = new Set(found.filter((each) => isGoing(each) && isComing(each)).map(idOf));
  return { found: await lanes.map(found, (each) => compared(planning, each, { map, coming })), unreadable };
}

/** Is it not there yet, and will be? */
function isComing({ verdict: { mode } }: Candidate): boolean {
  return mode === 'new' || mode === 'bin';
}

/** One whose version is damaged costs no other. */
async function lookOrTell(planning: Planning, version: Wish['versions'][number]): Promise<Candidate | PlannedItem> {
  try {
    return await lookAt(planning, version);
  } catch (error) {
    if (!(error instanceof BackupError) || error.code !== 'RESTORE_DAMAGED') throw error;
    return unreadableItem(planning, version, error);
  }
}

/** Stands for the address that the portal will give to a service. */
const unknownService = 'https://0/rest/services/0/FeatureServer';

const idOf = ({ version }: Candidate) => version.itemId;

function byId<T>(going: readonly Candidate[], value: (each: Candidate) => T): Record<string, T> {
  return Object.fromEntries(going.map((each) => [idOf(each), value(each)]));
}
