import { dealOut, weightOf, type Work } from '../../backup/plan.ts';
import { BackupError } from '../../errors.ts';
import type { Log } from '../../monitor/log.ts';
import { runBlobs } from '../../archive/run-blobs.ts';
import { namesOf, needJson, writeJson } from '../../storage/json-blobs.ts';
import type { MemberLists } from '../begin/begin-run.ts';
import type { Found, ItemPage, LanePage, MemberPage, PlanInput, Planned, WorkRef } from '../../backup/messages.ts';
import type { Parts } from '../deps.ts';
import { readRecord, refuseEnded } from '../../archive/run-record.ts';
import { readChecks } from '../check/accepted-checks.ts';

/** Members on one page of a lane: few, so that an instance stays below 200 activities (azure-functions.md, rule 3). */
const membersOnPage = 100;
/** Items on one page: fewer still, for every event of an orchestration replays all those before it. */
const itemsOnPage = 25;

/**
 * Gathers what every checkUser found and deals it out to lanes, heavy items first. An item that was listed twice,
 * because it went from one member to another meanwhile, is fetched once.
 */
export async function planRun(parts: Parts, { runId, walks, found, failed }: PlanInput, log: Log): Promise<Planned> {
  const work = new Map<string, Work>();
  const broken = new Set<string>();
  let lines = 0;
  if (found + failed > 0) {
    const names = await Array.fromAsync(namesOf(parts.store.list(runBlobs(runId).allAccepted)));
    for await (const end of readChecks(parts, runId, walks, names)) {
      for (const { itemId } of end.failures) if (itemId !== null) broken.add(itemId);
      for (const page of end.pages) {
        for await (const each of readWork(parts, page)) {
          work.set(each.itemId, each);
          lines++;
        }
      }
    }
  }
  const lanes = dealOut([...work.values()], parts.rules.concurrency);
  for (const [lane, all] of lanes.entries()) await writeLane(parts, runId, lane, all);
  log({ event: 'items.planned', runId, count: work.size });
  const brokenTwice = failed - [...broken].filter((id) => !work.has(id)).length;
  return { lanes: lanes.length, total: work.size, duplicates: lines - work.size + brokenTwice };
}

async function writeLane({ store }: Parts, runId: string, lane: number, all: readonly Work[]): Promise<void> {
  for (let page = 0; page * itemsOnPage < all.length; page++) {
    const refs = all.slice(page * itemsOnPage, (page + 1) * itemsOnPage).map(toRef);
    await writeJson(store, runBlobs(runId).work(lane, page), { refs, last: (page + 1) * itemsOnPage >= all.length });
  }
}

/** One page of a lane of members. */
export async function readMemberPage(parts: Parts, { runId, lane, page }: LanePage): Promise<MemberPage> {
  const { lanes } = await needJson<MemberLists>(parts.store, runBlobs(runId).members);
  const all = lanes[lane] ?? [];
  const members = all.slice(page * membersOnPage, (page + 1) * membersOnPage);
  return { members, last: (page + 1) * membersOnPage >= all.length };
}

/**
 * One page of a lane of items, without those that are staged when the lane was begun again. Throws RUN_CANCELLED or RUN_DEAD
 * when somebody ended the run, so that the lane stops.
 */
export async function readItemPage(parts: Parts, { runId, lane, page }: LanePage): Promise<ItemPage> {
  refuseEnded(await readRecord(parts.store, runId));
  const blobs = runBlobs(runId);
  const all = await needJson<Pick<ItemPage, 'refs' | 'last'>>(parts.store, blobs.work(lane, page));
  const isFirst = (await parts.store.put(blobs.workBegun(lane, page), Buffer.of(), { absent: true })) !== undefined;
  if (isFirst) return { ...all, staged: 0 };
  const found = await Promise.all(all.refs.map(({ itemId }) => parts.store.stat(blobs.staged(itemId))));
  const refs = all.refs.filter((_ref, n) => found[n] === undefined);
  return { refs, staged: all.refs.length - refs.length, last: all.last };
}

async function* readWork(parts: Parts, name: string): AsyncGenerator<Work> {
  const blob = await parts.store.get(name);
  if (blob === undefined) throw new BackupError('STORE_DAMAGED', `${name} is missing in ${parts.store.address}.`);
  let start = 0;
  while (start < blob.bytes.length) {
    const end = blob.bytes.indexOf(0x0a, start);
    const { item, step } = JSON.parse(blob.bytes.subarray(start, end).toString()) as Found;
    yield { itemId: item.id, blob: name, start, length: end - start, step, weight: weightOf(step, item.size) };
    start = end + 1;
  }
}

function toRef({ itemId, blob, start, length, step }: Work): WorkRef {
  return { itemId, blob, start, length, step };
}
