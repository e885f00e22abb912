import type { DurableClient } from 'durable-functions';
import { readAcknowledged } from '../archive/runs/acknowledged.ts';
import { endedRuns, startOf } from '../archive/runs/run-history.ts';
import { runActive, runElsewhere } from '../archive/runs/run-holder.ts';
import { readLists } from '../archive/runs/run-lists.ts';
import { emptyRecord, readRecord } from '../archive/runs/run-record.ts';
import type { RunRequest } from '../backup/run.ts';
import { BackupError, isCode, type Failure } from '../errors.ts';
import { jsonIn } from '../backup/json.ts';
import { titleOf } from '../backup/words.ts';
import type { BlobStore } from '../storage/blob-store.ts';
import { headName } from '../git/layout.ts';
import type { Deps } from '../run/deps.ts';
import { failBackup } from '../run/finish/fail-backup.ts';
import type { Settings } from '../settings/settings.ts';
import { createHealth } from './health.ts';
import { openItems } from './items.ts';
import { instancesOf } from './instances.ts';
import { cancelDryRun, dryRunOf, readDryRun, startDryRun } from './dry-runs.ts';
import { cancelRun } from './end-run.ts';
import { pageOfLists } from './changes.ts';
import { isRunId, recentRuns, statusOf } from './run-status.ts';
import type { RunsDeps } from './runs.ts';
import { acknowledgeWarning, recentWarnings } from './warnings.ts';
import { forgetOldRuns, startRun, startVerify, type Started } from './start-run.ts';

/** Everything that can be asked of an archive and its runs. */
export type Api = ReturnType<typeof openApi>;

/** Starting and watching runs, and looking into the history, as timers, routes and the command call it. */
export function openApi(deps: Deps, settings: Settings) {
  const { store, clock, random } = deps;
  /** What is said of a run whose record the store could not take. */
  const lostRecord = (runId: string, error: Failure) =>
    emptyRecord({ runId, started: startOf(runId) }, 'failed', clock.now(), error);
  const runs: RunsDeps = {
    clock,
    random,
    silence: deps.silence,
    // Those of exports are apart.
    lanes: { members: settings.concurrency, items: settings.concurrency + settings.exports },
    readRecord: (runId) => ifStoreIsThere(readRecord(store, runId), undefined),
    titleAt: titleOfLine(store),
    acknowledged: () => ifStoreIsThere(readAcknowledged(store), new Map()),
    lostRecord,
    endedRuns: (most) => ifStoreIsThere(endedRuns(store, most), []),
    elsewhere: () => ifStoreIsThere(runElsewhere(deps), undefined),
    recordEnd: async (runId, started, error) =>
      (await failBackup(deps, { runId, started, failure: error.toJSON() }, () => undefined)).outcome,
  };
  return {
    startRun: (client: DurableClient, request: RunRequest) =>
      (request.dryRun === true ? startDryRun : startRun)(runs, instancesOf(client), request),
    forgetOldRuns: (client: DurableClient) => forgetOldRuns(runs, instancesOf(client)),
    startVerify: (client: DurableClient) => startVerify(runs, instancesOf(client)),
    statusOf: async (client: DurableClient, runId: string) =>
      (await statusOf(runs, instancesOf(client), runId)) ?? dryRunOf(store, instancesOf(client), runId),
    recentRuns: (client: DurableClient, most?: number) => recentRuns(runs, instancesOf(client), most),
    cancelRun: async (client: DurableClient, runId: string) =>
      (await cancelRun(runs, instancesOf(client), runId)) ?? cancelDryRun(instancesOf(client), runId),
    readLists: (runId: string) => readLists(store, runId),
    changesOf: async (runId: string, query: URLSearchParams) => {
      if (!isRunId(runId)) return undefined;
      const lists =
        (await runs.readRecord(runId)) === undefined ? await readDryRun(store, runId) : await readLists(store, runId);
      return lists && pageOfLists(lists, query);
    },
    /** who has the archive to themselves, on any host */
    elsewhere: () => runs.elsewhere(),
    recentWarnings: () => recentWarnings(runs),
    acknowledged: () => runs.acknowledged(),
    acknowledge: (id: string, isKnown: boolean) => acknowledgeWarning({ ...runs, store, clock }, id, isKnown),
    readRecord: (runId: string) => readRecord(store, runId),
    lostRecord,
    items: openItems(deps, clock),
    /** why no run was started */
    runActive: ({ runId, other, is }: Started) =>
      other === undefined
        ? new BackupError('RUN_ACTIVE', `${is === 'restore' ? 'Restore' : 'Run'} ${runId} is under way.`)
        : runActive(other, deps.silence),
    isHealthy: createHealth(clock, () => store.stat(headName)),
  };
}

/** Titles of items that a run found, by the places of their lines. The one that was asked for last is remembered: who looks asks every few seconds. */
function titleOfLine(store: BlobStore): RunsDeps['titleAt'] {
  let last: { key: string; title: string | undefined } | undefined;
  return async ({ blob, start, length }) => {
    const key = `${blob} ${start}`;
    if (last?.key === key) return last.title;
    const line = await ifStoreIsThere(store.get(blob, { start, length }), undefined);
    const found =
      line && (jsonIn(line.bytes.toString()) as { item?: { title?: unknown; id?: unknown } } | null | undefined);
    const { title, id } = found?.item ?? {};
    last = {
      key,
      title: typeof title === 'string' && typeof id === 'string' ? titleOf({ title, itemId: id }) : undefined,
    };
    return last.title;
  };
}

/** A container that the first run has yet to make holds no records: that is no trouble. */
async function ifStoreIsThere<T, N>(asked: Promise<T>, none: N): Promise<T | N> {
  try {
    return await asked;
  } catch (error) {
    if (isCode(error, 'STORE_MISSING')) return none;
    throw error;
  }
}
