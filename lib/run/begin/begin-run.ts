import type { Member } from '../../arcgis/organization/members.ts';
import type { LeftOut } from '../../backup/changes.ts';
import { isWanted } from '../../backup/leave-out.ts';
import { memberFolder } from '../../backup/names/paths.ts';
import { dealMembers } from '../../backup/plan.ts';
import type { BackupError } from '../../errors.ts';
import { isWhole, type ItemFailure, type RunRecord, type RunRequest } from '../../backup/run.ts';
import type { Log } from '../../monitor/log.ts';
import { runBlobs } from '../../archive/runs/run-blobs.ts';
import { needJson, writeFirst } from '../../storage/json-blobs.ts';
import { chooseMembers, type AskedOf } from './choose-members.ts';
import { claimRun } from '../../archive/runs/run-holder.ts';
import { writeMembers } from './write-members.ts';
import { readRunHistory } from '../../archive/runs/run-history.ts';
import type { RunEnd, RunInput } from '../../backup/run.ts';
import { refuseVanished } from '../../archive/last-archive.ts';
import { memberTrees } from '../../archive/member-trees.ts';
import type { Deps } from '../deps.ts';
import { refuseEnded } from '../../archive/runs/run-record.ts';
import { announce, tell } from '../announce.ts';

/** What a run begins with. */
export interface Begun {
  /** the commit that the run builds on; null in a new repository */
  base: string | null;
  /** members in the organization, and how many the settings leave out */
  members: { listed: number; excluded: number };
  /** lanes of members to walk */
  lanes: number;
  /** dead runs whose staged items may be used, newest first */
  salvage: readonly string[];
  /** when the last run finished, epoch ms */
  lastRun: number | null;
}

/** beginRun's output: also that the run has ended, when its steps are begun again after the last of them. */
export type BeginAnswer = Begun | { ended: RunEnd };

/** A member on a lane; `tree` is the id of their folder in the base commit. */
export interface MemberOnLane {
  username: string;
  tree: string | null;
}

/** What beginRun leaves for the lanes and the last step. */
export interface MemberLists {
  /** what beginRun answered with these lists */
  begun: Begun;
  lanes: MemberOnLane[][];
  /** the items that the run was asked for, by owner: here, for a request may name more than fits into each lane's messages */
  asked?: AskedOf[] | null;
  /** folders of the tree, by name, whose member the organization does not list any more */
  vanished: { name: string; tree: string }[];
  /** what was wrong with the list of members itself; then nobody who is not in it has vanished */
  lists?: ItemFailure[];
  warnings: string[];
  /** members whom the settings leave out, and why; an older version wrote none down */
  leftOut?: LeftOut[];
}

/**
 * Ping, store, sign-in, members. Executed again it keeps to the lists that it wrote the first time: lanes may be walking
 * them already, and the members may be others by now.
 * Throws STORE_VANISHED when the archive of an earlier run is gone, RUN_ACTIVE while another host has a run under way.
 * A run that is found dead is reported.
 * Throws when store, sign-in or members do not answer as they must: nothing was touched then.
 * A run that has ended already is an answer, or RUN_DEAD or RUN_CANCELLED. Throws ITEM_GONE or USAGE when the request names
 * an item or a member that is not there, SETTINGS_INVALID when the settings leave out everybody.
 */
export async function beginRun(deps: Deps, input: RunInput, log: Log): Promise<BeginAnswer> {
  const { runId, request } = input;
  log({ event: 'run.started', runId });
  const unheard = await tell(deps, 'start', runId, 'Backup started');
  const head = await deps.repository.prepare(async () => {
    if (request.newArchive !== true) await refuseVanished(deps.lastArchive, deps.store.address);
  });
  const taken = await claimRun(deps, input);
  const earlier = await readRunHistory(deps, runId, head, taken);
  for (const record of earlier.buried) await announce(deps, record, log);
  if (earlier.ended) return { ended: await tellEnd(deps, runId, log) };
  const portal = await deps.portal(runId);
  const trees = await memberTrees(deps, head);
  const { list, lacking } = await portal.members();
  const members = asArchived(list, trees);
  const { wanted, asked, warnings } = await chooseMembers(deps.rules, portal, { list: members, lacking }, request);
  log({ event: 'members.listed', runId, count: wanted.length });
  const onLane = wanted.map(({ username }) => ({ username, tree: trees.get(memberFolder(username)) ?? null }));
  const lanes = dealMembers(onLane, deps.rules.concurrency);
  const begun: Begun = {
    base: head?.commit ?? null,
    members: { listed: members.length, excluded: members.length - wanted.length },
    lanes: lanes.length,
    // What a dead run staged is not fetched again, and that is what force asks for.
    salvage: request.force === true ? [] : earlier.salvage,
    lastRun: earlier.lastRun,
  };
  if (isWhole(request)) await writeMembers(deps, runId, head, { list: members, lacking });
  const vanished = isWhole(request) && lacking === undefined ? vanishedFrom(trees, members) : [];
  const odd = [...(unheard === undefined ? [] : [unheard]), ...deps.rules.unknown, ...warnings];
  const lists = {
    begun,
    lanes,
    asked,
    vanished,
    lists: failuresOf(request, lacking),
    warnings: odd,
    leftOut: isWhole(request) ? membersLeftOut(deps.rules, members) : [],
  };
  return (await writeFirst<MemberLists>(deps.store, runBlobs(runId).members, lists)).begun;
}

/** Who was asked for by name was found; whoever a * stands for may be among those that could not be read. */
function failuresOf(request: RunRequest, lacking: BackupError | undefined): ItemFailure[] {
  const mayLack = isWhole(request) || request.users?.some((name) => name.includes('*'));
  if (lacking === undefined || mayLack !== true) return [];
  return [{ itemId: null, title: 'List of members', owner: '', ...lacking.toJSON() }];
}

/** All was done when the steps were begun again. Who heard of the start is to hear of the end as well. */
async function tellEnd(deps: Deps, runId: string, log: Log): Promise<RunEnd> {
  const record = await needJson<RunRecord>(deps.store, runBlobs(runId).record);
  refuseEnded(record);
  await announce(deps, record, log);
  return { runId, outcome: record.outcome };
}

function membersLeftOut(rules: Deps['rules'], members: readonly Member[]): LeftOut[] {
  const filter = (username: string) =>
    isWanted(username, { ...rules, skipUsers: [] }) ? 'left out by BACKUP_SKIP_USERS' : 'not named in BACKUP_USERS';
  return members
    .filter(({ username }) => !isWanted(username, rules))
    .map(({ username }) => ({ itemId: '', title: '', owner: username, type: 'Member', why: filter(username) }));
}

/** A username is the same in any letter case: members keep the spelling under which the archive has them. */
function asArchived(members: readonly Member[], trees: ReadonlyMap<string, string>): Member[] {
  const folders = new Map([...trees.keys()].map((name) => [name.toLowerCase(), name]));
  return members.map((member) => {
    const folder = memberFolder(member.username);
    const archived = trees.has(folder) ? undefined : folders.get(folder.toLowerCase());
    const isSpelling = archived?.toLowerCase() === member.username.toLowerCase();
    return archived !== undefined && isSpelling ? { ...member, username: archived } : member;
  });
}

function vanishedFrom(trees: Map<string, string>, members: readonly Member[]): MemberLists['vanished'] {
  const present = new Set(members.map(({ username }) => memberFolder(username)));
  return [...trees].filter(([name]) => !present.has(name)).map(([name, tree]) => ({ name, tree }));
}
