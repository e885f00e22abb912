import { dealLanes, pagesOf, weightOf, type Work } from '../../backup/plan.ts';
import { BackupError } from '../../errors.ts';
import type { Log } from '../../monitor/log.ts';
import { allUnfinished } from '../../archive/layout.ts';
import { runBlobs } from '../../archive/runs/run-blobs.ts';
import { namesOf, writeJson } from '../../storage/json-blobs.ts';
import type { Found } from '../../backup/found.ts';
import type { WorkRef } from '../../backup/plan.ts';
import type { Deps } from '../deps.ts';
import { readChecks } from '../check/accepted-checks.ts';
import type { RunStep } from '../../backup/run.ts';

/** planRun's input: how much checkUser found, and how much had failed by then. */
export interface PlanInput extends RunStep {
  /** under which names the lanes of members accepted checks */
  walks: readonly string[];
  found: number;
  failed: number;
}

/** planRun's output. */
export interface Planned {
  lanes: number;
  total: number;
  /** items listed twice, under two members, because they moved while the run was listing */
  duplicates: number;
}

/**
 * Gathers what every checkUser found and deals it out to lanes, heavy items first. An item that was listed twice,
 * because it went from one member to another meanwhile, is fetched once.
 */
export async function planRun(deps: Deps, { runId, walks, found, failed }: PlanInput, log: Log): Promise<Planned> {
  const work = new Map<string, Work>();
  const broken = new Set<string>();
  let lines = 0;
  if (found + failed > 0) {
    const names = await Array.fromAsync(namesOf(deps.store.list(runBlobs(runId).allAccepted)));
    for await (const end of readChecks(deps, runId, walks, names)) {
      for (const { itemId } of end.failures) if (itemId !== null) broken.add(itemId);
      for (const page of end.pages) {
        for await (const each of readWork(deps, page)) {
          work.set(each.itemId, each);
          lines++;
        }
      }
    }
  }
  if (work.size > 0) await markBegun(deps, work);
  const lanes = dealLanes([...work.values()], deps.rules);
  for (const [lane, all] of lanes.entries()) await writeLane(deps, runId, lane, all);
  log({ event: 'items.planned', runId, count: work.size });
  const brokenTwice = failed - [...broken].filter((id) => !work.has(id)).length;
  return { lanes: lanes.length, total: work.size, duplicates: lines - work.size + brokenTwice };
}

/** Marks what an earlier run has not got through with, so that saving asks for it, and for nothing else. */
async function markBegun({ store }: Deps, work: ReadonlyMap<string, Work>): Promise<void> {
  for await (const name of namesOf(store.list(allUnfinished))) {
    const each = work.get(name.slice(allUnfinished.length));
    if (each !== undefined) each.begun = true;
  }
}

async function writeLane({ store }: Deps, runId: string, lane: number, all: readonly Work[]): Promise<void> {
  const pages = pagesOf(all);
  for (const [page, work] of pages.entries()) {
    const last = page === pages.length - 1;
    await writeJson(store, runBlobs(runId).work(lane, page), { refs: work.map(toRef), last });
  }
}

async function* readWork(deps: Deps, name: string): AsyncGenerator<Work> {
  const blob = await deps.store.get(name);
  if (blob === undefined) throw new BackupError('STORE_DAMAGED', `${name} is missing in ${deps.store.address}.`);
  let start = 0;
  while (start < blob.bytes.length) {
    const end = blob.bytes.indexOf(0x0a, start);
    const { item, step } = JSON.parse(blob.bytes.subarray(start, end).toString()) as Found;
    yield { itemId: item.id, blob: name, start, length: end - start, step, weight: weightOf(step, item.size) };
    start = end + 1;
  }
}

function toRef({ itemId, blob, start, length, step, begun }: Work): WorkRef {
  return { itemId, blob, start, length, step, ...(begun && { begun }) };
}
