import type { Portal } from '../arcgis/portal.ts';
import { openRepository } from '../archive/repository.ts';
import { runBlobs } from '../archive/runs/run-blobs.ts';
import { newRunId } from '../archive/runs/run-history.ts';
import { emptyRecord } from '../archive/runs/run-record.ts';
import { changeFound, removalOf, type ItemChange, type RunLists } from '../backup/changes.ts';
import { sumCounts } from '../backup/counts.ts';
import type { Found } from '../backup/found.ts';
import type { RunInput, RunRecord, RunRequest } from '../backup/run.ts';
import { BackupError } from '../errors.ts';
import type { Log } from '../monitor/log.ts';
import { beginRun, type MemberOnLane } from '../run/begin/begin-run.ts';
import { readMemberLists } from '../run/begin/member-lists.ts';
import { acceptChecks } from '../run/check/accept-checks.ts';
import { readChecks, type CheckEnd } from '../run/check/accepted-checks.ts';
import { checkUser, type Checked } from '../run/check/check-user.ts';
import type { Deps } from '../run/deps.ts';
import { collectResults } from '../run/finish/collect-results.ts';
import { prune } from '../run/finish/prune.ts';
import { overMemory } from '../storage/over-memory.ts';

/** What a run would do now. Its record has no commit. */
export type Rehearsal = RunRecord & RunLists & { dryRun: true };

/** A dry run that begins now. */
export function newDryRun({ clock, random }: Pick<Deps, 'clock' | 'random'>, request: RunRequest): RunInput {
  const started = clock.now();
  return { runId: newRunId(started, random()), started, request };
}

/**
 * Checks everything that a run checks, by its own steps, and fetches and changes nothing: what the steps write lies in memory, no ping
 * goes out, and nothing is deleted in the portal. Throws what a run throws before its first item, also RUN_ACTIVE.
 */
export async function dryRun(given: Deps, { runId, started, request }: RunInput, log: Log): Promise<Rehearsal> {
  const deps = harmless(given);
  const begun = await beginRun(deps, { runId, started, request }, log);
  if ('ended' in begun) throw new BackupError('INTERNAL', 'A run of this id has ended already.');
  const { counts, checks } = await checkAll(deps, { runId, started, request, lastRun: begun.lastRun }, log);
  const walks = ['dry'];
  if (checks.length > 0) await acceptChecks(deps, { runId, walk: 'dry', page: 0, checks });
  const gathered = await collectResults(deps, { runId, walks, counts });
  const base = await deps.repository.head();
  const pruned = await prune(deps, { runId, request, counts }, base, gathered);
  const changes = await changesOf(deps, runId, walks);
  const count = (op: ItemChange['op']) => changes.filter((each) => each.op === op).length;
  const isPartial = gathered.failures.length + gathered.lists.length > 0 || pruned.held || pruned.unlisted;
  return {
    ...emptyRecord({ runId, started }, isPartial ? 'partial' : 'complete', deps.clock.now()),
    dryRun: true,
    members: { ...begun.members, failed: counts.membersFailed },
    listed: counts.listed,
    added: count('added'),
    changed: counts.found - count('added'),
    unchanged: counts.unchanged,
    removed: pruned.removed.size,
    excluded: counts.excluded,
    failed: counts.failed,
    failures: [...gathered.lists, ...gathered.failures],
    warnings: [...gathered.warnings, ...pruned.warnings],
    changes: [...changes, ...[...pruned.removed.values()].map(removalOf)],
    leftOut: gathered.leftOut,
  };
}

/** The same parts, of which none changes anything outside of this process. */
function harmless(given: Deps): Deps {
  const store = overMemory(given.store, given.clock);
  const silent = () => Promise.resolve(() => Promise.resolve(true));
  return {
    ...given,
    store,
    repository: openRepository(store, given),
    lastArchive: { read: () => given.lastArchive.read(), write: () => Promise.resolve() },
    portal: async (runId) => readOnly(await given.portal(runId)),
    ping: silent,
    verifyPing: silent,
  };
}

function readOnly(portal: Portal): Portal {
  return {
    ...portal,
    startExport: () => Promise.reject(new BackupError('INTERNAL', 'A dry run exports nothing.')),
    deletePermanently: () => Promise.resolve(false),
  };
}

async function checkAll(
  deps: Deps,
  { runId, started, request, lastRun }: { runId: string; started: number; request: RunRequest; lastRun: number | null },
  log: Log,
) {
  const { lanes } = await readMemberLists(deps, runId);
  const someItems = (request.items ?? []).length > 0;
  const each = { runId, started, someItems, force: request.force === true, lastRun };
  const checks: string[] = [];
  const check = async (member: MemberOnLane) => {
    let checked: Checked = { done: false, check: null };
    while (!checked.done) checked = await checkUser(deps, { ...each, ...member, resume: checked.check }, log);
    if (checked.check !== null) checks.push(checked.check);
    return checked;
  };
  // On the lanes of the worker: a run that begins meanwhile gets each of them after a member.
  return { counts: sumCounts(await deps.lanes.map(lanes.flat(), check)), checks };
}

/** What would be fetched, and why; an item that two members' listings hold is one. */
async function changesOf(deps: Deps, runId: string, walks: readonly string[]): Promise<ItemChange[]> {
  const found = new Map<string, ItemChange>();
  const names: string[] = [];
  for await (const { name } of deps.store.list(runBlobs(runId).allAccepted)) names.push(name);
  for await (const end of readChecks(deps, runId, walks, names))
    for (const each of await foundIn(deps, end)) found.set(each.item.id, changeFound(each));
  return [...found.values()];
}

async function foundIn({ store }: Deps, { pages }: CheckEnd): Promise<Found[]> {
  const all: Found[] = [];
  for (const page of pages) {
    const text = (await store.get(page))?.bytes.toString() ?? '';
    all.push(
      ...text
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Found),
    );
  }
  return all;
}
