import type { Member } from '../arcgis/members.ts';
import type { Portal } from '../arcgis/portal.ts';
import { isWanted } from '../backup/leave-out.ts';
import { membersText } from '../backup/organization.ts';
import { memberFolder } from '../backup/paths.ts';
import { dealMembers } from '../backup/plan.ts';
import { isWhole, type RunRecord, type RunRequest } from '../backup/words.ts';
import { BackupError } from '../errors.ts';
import type { Log } from '../monitor/log.ts';
import { needJson, runBlobs, writeFirst } from './blobs.ts';
import { readEarlierRuns } from './earlier.ts';
import type { BeginAnswer, Begun, MemberOnLane, RunEnd, RunInput } from '../backup/messages.ts';
import { memberTrees } from './member-trees.ts';
import type { Parts } from './parts.ts';
import { announce, refuseEnded, tell } from './record.ts';

/** What beginRun leaves for the lanes and the last step. */
export interface MemberLists {
  /** what beginRun answered with these lists */
  begun: Begun;
  lanes: MemberOnLane[][];
  /** folders of the tree, by name, whose member the organization does not list any more */
  vanished: { name: string; tree: string }[];
  warnings: string[];
}

/**
 * Ping, store, sign-in, members. Executed again it keeps to the lists that it wrote the first time: lanes may be walking
 * them already, and the members may be others by now.
 * Throws when store, sign-in or members do not answer as they must: nothing was touched then.
 * A run that has ended already is an answer, or RUN_DEAD or RUN_CANCELLED. Throws ITEM_GONE or USAGE when the request names an item or a member that is not there.
 */
export async function beginRun(parts: Parts, input: RunInput, log: Log): Promise<BeginAnswer> {
  const { runId, request } = input;
  log({ event: 'run.started', runId });
  const unheard = await tell(parts, 'start', runId, 'Backup started');
  await parts.repository.prepare();
  const head = await parts.repository.head();
  const earlier = await readEarlierRuns(parts, runId, head);
  if (earlier.ended) return { ended: await tellEnd(parts, runId, log) };
  const portal = await parts.portal(runId);
  const { members } = await portal.members();
  const wanted = await chooseMembers(parts, portal, members, request);
  const trees = await memberTrees(parts, head);
  log({ event: 'members.listed', runId, count: wanted.length });
  const onLane = wanted.map(({ username }) => ({ username, tree: trees.get(memberFolder(username)) ?? null }));
  const lanes = dealMembers(onLane, parts.rules.concurrency);
  const begun: Begun = {
    base: head?.commit ?? null,
    members: { listed: members.length, excluded: members.length - wanted.length },
    lanes: lanes.length,
    // What a dead run staged is not fetched again, and that is what force asks for.
    salvage: request.force === true ? [] : earlier.salvage,
    lastRun: earlier.lastRun,
  };
  // Apart from the lists, which are read for every page of a lane. 5,000 members take about 2 MB.
  if (isWhole(request)) await writeFirst(parts.store, runBlobs(runId).membersText, membersText(members));
  const vanished = isWhole(request) ? vanishedFrom(trees, members) : [];
  const lists = { begun, lanes, vanished, warnings: unheard === undefined ? [] : [unheard] };
  return (await writeFirst<MemberLists>(parts.store, runBlobs(runId).members, lists)).begun;
}

/** All was done when the steps were begun again. Who heard of the start is to hear of the end as well. */
async function tellEnd(parts: Parts, runId: string, log: Log): Promise<RunEnd> {
  const record = await needJson<RunRecord>(parts.store, runBlobs(runId).record);
  refuseEnded(record);
  await announce(parts, record, log);
  return { runId, outcome: record.outcome };
}

async function chooseMembers(parts: Parts, portal: Portal, members: readonly Member[], request: RunRequest) {
  const allowed = members.filter(({ username }) => isWanted(username, parts.rules));
  const asked = new Set((request.users ?? []).map((name) => name.toLowerCase()));
  for (const itemId of request.items ?? []) asked.add((await ownerOf(portal, itemId)).toLowerCase());
  const known = new Set(members.map(({ username }) => username.toLowerCase()));
  const unknown = [...asked].filter((name) => !known.has(name));
  if (unknown.length > 0) {
    throw new BackupError('USAGE', `The organization has no member named ${unknown.join(', ')}.`, {
      hint: 'Check the spelling of the username; the portal lists them under Organization, Members.',
    });
  }
  return asked.size === 0 ? allowed : members.filter(({ username }) => asked.has(username.toLowerCase()));
}

async function ownerOf(portal: Portal, itemId: string): Promise<string> {
  const item = await portal.item(itemId);
  if (item === undefined) throw new BackupError('ITEM_GONE', `The portal has no item ${itemId}, or does not show it.`);
  return item.owner;
}

function vanishedFrom(trees: Map<string, string>, members: readonly Member[]): MemberLists['vanished'] {
  const present = new Set(members.map(({ username }) => memberFolder(username)));
  return [...trees].filter(([name]) => !present.has(name)).map(([name, tree]) => ({ name, tree }));
}
