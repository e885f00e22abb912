import { dealOut, weightOf, type Work } from '../backup/plan.ts';
import { needJson, readAllJson, runBlobs, writeJson } from './blobs.ts';
import type { MemberLists } from './begin.ts';
import type { Found, ItemPage, LanePage, MemberPage, PlanInput, Planned, WorkRef } from '../backup/messages.ts';
import type { Parts } from './parts.ts';
import { readRecord, refuseEnded } from './record.ts';

/** Items or members on one page of a lane: few enough for a Durable message of 45 kB and an instance of 200 activities. */
export const pageLength = 100;

/**
 * Gathers what every checkUser found and deals it out to lanes, heavy items first. An item that was listed twice,
 * because it went from one member to another meanwhile, is fetched once.
 */
export async function planRun(parts: Parts, { runId, found, failed }: PlanInput): Promise<Planned> {
  const blobs = runBlobs(runId);
  const broken = failed === 0 ? new Set<string>() : await failedIds(parts, blobs.allFailed);
  if (found === 0) return { lanes: 0, total: 0, duplicates: failed - broken.size };
  const work = new Map<string, Work>();
  let lines = 0;
  for await (const { name } of parts.store.list(blobs.allFound)) {
    for await (const each of readWork(parts, name)) {
      work.set(each.itemId, each);
      lines++;
    }
  }
  const lanes = dealOut([...work.values()], parts.rules.concurrency);
  for (const [lane, all] of lanes.entries()) {
    for (let page = 0; page * pageLength < all.length; page++) {
      const refs = all.slice(page * pageLength, (page + 1) * pageLength).map(toRef);
      await writeJson(parts.store, blobs.work(lane, page), { refs, last: (page + 1) * pageLength >= all.length });
    }
  }
  return { lanes: lanes.length, total: work.size, duplicates: lines - work.size + failed - [...broken].filter((id) => !work.has(id)).length };
}

/** One page of a lane of members. */
export async function readMemberPage(parts: Parts, { runId, lane, page }: LanePage): Promise<MemberPage> {
  const { lanes } = await needJson<MemberLists>(parts.store, runBlobs(runId).members);
  const all = lanes[lane] ?? [];
  const members = all.slice(page * pageLength, (page + 1) * pageLength);
  return { members, last: (page + 1) * pageLength >= all.length };
}

/** One page of a lane of items. Throws RUN_CANCELLED or RUN_DEAD when somebody ended the run, so that the lane stops. */
export async function readItemPage(parts: Parts, { runId, lane, page }: LanePage): Promise<ItemPage> {
  refuseEnded(await readRecord(parts.store, runId));
  return needJson<ItemPage>(parts.store, runBlobs(runId).work(lane, page));
}

async function failedIds({ store }: Parts, prefix: string): Promise<Set<string>> {
  const ids = new Set<string>();
  for await (const { value } of readAllJson<{ itemId: string | null }>(store, prefix)) {
    if (value.itemId !== null) ids.add(value.itemId);
  }
  return ids;
}

async function* readWork(parts: Parts, name: string): AsyncGenerator<Work> {
  const blob = await parts.store.get(name);
  if (blob === undefined) return;
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
