import { startOf } from '../archive/runs/run-history.ts';
import type { RunHolder } from '../archive/runs/run-holder.ts';
import { recordJson } from '../backup/record-json.ts';
import type { RunRecord } from '../backup/run.ts';
import type { Instance, Instances } from './instances.ts';
import { lanesOf, stepsOf } from './lanes.ts';
import { singleton, type RunsDeps, type RunStatus, type RunProgress } from './runs.ts';
import { reportSilentEnd } from './silent-end.ts';

/** The state of one run; undefined for an id that never was. */
export async function statusOf(deps: RunsDeps, instances: Instances, runId: string): Promise<RunStatus | undefined> {
  if (!isRunId(runId)) return undefined;
  return statusBeside(deps, instances, await instances.status(singleton), runId);
}

// A run counts as ended when its orchestration has: only then can the next one be started. Until then the store is not asked.
async function statusBeside(
  deps: RunsDeps,
  instances: Instances,
  current: Instance | undefined,
  runId: string,
): Promise<RunStatus | undefined> {
  const own = current?.input?.runId === runId ? current : undefined;
  if (own?.running === true) return underWay(deps, instances, own, runId);
  const record = (await deps.readRecord(runId)) ?? (own && (await reportSilentEnd(deps, own)));
  if (record !== undefined) return ended(record);
  const other = await deps.elsewhere();
  return other?.runId === runId ? elsewhere(other) : undefined;
}

async function underWay(deps: RunsDeps, instances: Instances, own: Instance, runId: string): Promise<RunStatus> {
  const steps = await stepsOf(instances, own);
  const { phase = 'begin', total = 0, since } = steps.progress ?? {};
  const lanes = await lanesOf(deps, instances, runId, phase);
  const sum = (what: 'done' | 'failed' | 'bytes') =>
    lanes.reduce((all, { progress }) => all + (progress?.[what] ?? 0), 0);
  const started = own.input?.started ?? startOf(runId);
  const now = deps.clock.now();
  const heard = Math.max(own.lastUpdated, steps.lastUpdated, ...lanes.map(({ lastUpdated }) => lastUpdated));
  const sums = { done: sum('done'), total, failed: sum('failed'), bytes: sum('bytes') };
  return {
    ...{ runId, status: 'running', phase, ...sums, started },
    ...(await atWork(deps, lanes)),
    secondsLeft: secondsLeft(sums, since === undefined ? 0 : now - since),
    secondsSilent: Math.max(0, Math.round((now - heard) / 1000)),
  };
}

/** Of several lanes the one that has said nothing for longest is at what takes long. */
async function atWork(deps: RunsDeps, lanes: readonly Instance[]): Promise<Pick<RunProgress, 'title' | 'others'>> {
  const busy = lanes.filter(({ running, progress }) => running && progress?.at !== undefined);
  const at = busy.toSorted((a, b) => a.lastUpdated - b.lastUpdated)[0]?.progress?.at;
  if (at === undefined || typeof at === 'string') return { title: at ?? null, others: 0 };
  return { title: (await deps.titleAt(at)) ?? null, others: at.others ?? 0 };
}

/** Too few ends, or too short a time, tell no pace. */
const fewest = { done: 5, ms: 10_000 };

function secondsLeft({ done, total }: { done: number; total: number }, ms: number): number | null {
  if (done < fewest.done || ms < fewest.ms || done >= total) return null;
  return Math.round(((total - done) * ms) / done / 1000);
}

/** The latest runs, the running one first. */
export async function recentRuns(deps: RunsDeps, instances: Instances, most = 30): Promise<RunStatus[]> {
  const current = await instances.status(singleton);
  const ids = await deps.endedRuns(most);
  for (const runId of [(await deps.elsewhere())?.runId, current?.input?.runId]) {
    if (runId !== undefined && !ids.includes(runId)) ids.unshift(runId);
  }
  const found = await Promise.all(ids.map((id) => statusBeside(deps, instances, current, id)));
  return found.filter((status) => status !== undefined);
}

function ended(record: RunRecord): RunStatus {
  return { status: record.outcome, phase: 'end', done: record.listed, total: record.listed, ...recordJson(record) };
}

function elsewhere({ runId, started, where }: RunHolder): RunStatus {
  const nothing = {
    done: 0,
    total: 0,
    failed: 0,
    bytes: 0,
    title: null,
    others: 0,
    secondsLeft: null,
    secondsSilent: 0,
  };
  return { runId, status: 'running', phase: 'elsewhere', ...nothing, started, where };
}

/** An id comes out of an address, and becomes part of a blob's name. */
export function isRunId(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);
}
