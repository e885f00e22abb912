import type { DurableClient } from 'durable-functions';
import type { Api } from '../../api/api.ts';
import type { ListsPage } from '../../api/changes.ts';
import type { DryRunStatus } from '../../api/dry-runs.ts';
import type { ItemsApi } from '../../api/items.ts';
import type { RestoreRuns, StartedRestore } from '../../api/restore-runs.ts';
import type { PlannedStatus, PlanningStatus, RestoreStatus } from '../../api/restore-status.ts';
import type { RestoreRequest } from '../../api/restores.ts';
import type { RestoreSummary } from '../../restore/journal/list.ts';
import type { RunStatus } from '../../api/runs.ts';
import type { Started } from '../../api/start-run.ts';
import type { ToldWarning } from '../../api/warnings.ts';

/** What the page asks: what the HTTP API answers, and nothing more. */
export interface Site {
  /** epoch ms */
  now(): number;
  /** of the timer, in six parts */
  schedule: string;
  /** what git clones; null where nothing is served to git */
  cloneAddress: string | null;
  items: Pick<ItemsApi, 'list' | 'show' | 'versions' | 'diff' | 'part' | 'zip' | 'zipOf'>;
  /** newest first */
  runs(most: number): Promise<RunStatus[]>;
  run(id: string): Promise<RunStatus | DryRunStatus | undefined>;
  changes(id: string, query: URLSearchParams): Promise<ListsPage | undefined>;
  warnings(): Promise<{ warnings: ToldWarning[] }>;
  /** ids of those that somebody has taken note of, and since when, epoch ms */
  acknowledged(): Promise<ReadonlyMap<string, number>>;
  /** Throws WARNING_UNKNOWN. */
  acknowledge(id: string, isKnown: boolean): Promise<unknown>;
  restores: RestoresOnPage;
  start(): Promise<Started>;
  /** how the run has ended then; undefined when it is not under way */
  end(id: string): Promise<string | undefined>;
}

/** Restores as the API has them, of one client. */
export interface RestoresOnPage {
  plan(request: RestoreRequest): Promise<PlannedStatus | PlanningStatus>;
  list(): Promise<RestoreSummary[]>;
  status(id: string): Promise<RestoreStatus>;
  start(id: string): Promise<StartedRestore>;
  stop(id: string): Promise<'stopping' | 'dropped' | undefined>;
  planUndo(id: string): Promise<PlannedStatus | PlanningStatus>;
}

/** A run that has ended. */
export type Ended = Omit<Exclude<RunStatus, { status: 'running' }>, 'done' | 'total'>;
/** A run, or a dry run, that is under way. */
export type UnderWay = Exclude<RunStatus | DryRunStatus, { phase: 'end' }>;

export const isUnderWay = <R extends RunStatus | DryRunStatus>(run: R): run is R & { status: 'running' } =>
  run.status === 'running';
export const isEnded = (run: RunStatus): run is Exclude<RunStatus, { status: 'running' }> => run.status !== 'running';

/** What the API answers, as the page asks for it. */
export function siteOf(
  { api, restores }: { api: Api; restores: RestoreRuns },
  client: DurableClient,
  more: Pick<Site, 'now' | 'schedule' | 'cloneAddress'>,
): Site {
  return {
    ...more,
    restores: {
      plan: (request) => restores.plan(client, request),
      list: () => restores.list(),
      status: (id) => restores.status(client, id),
      start: (id) => restores.start(client, id),
      stop: (id) => restores.stop(client, id),
      planUndo: (id) => restores.planUndo(client, id),
    },
    items: api.items,
    runs: (most) => api.recentRuns(client, most),
    run: (id) => api.statusOf(client, id),
    changes: api.changesOf,
    warnings: api.recentWarnings,
    acknowledged: api.acknowledged,
    acknowledge: api.acknowledge,
    start: () => api.startRun(client, {}),
    end: (id) => api.cancelRun(client, id),
  };
}
