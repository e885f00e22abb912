import type { ContentWarning } from '../backup/warnings.ts';
import type { RunsDeps } from './runs.ts';

/** A warning of a run, with when it came up. */
export type ToldWarning = ContentWarning & {
  runId: string;
  commit: string | null;
  /** ISO 8601: when the run began */
  time: string;
};

/** Runs that are looked at. */
const mostRuns = 100;
const atOnce = 8;

/** What may have been lost in the latest runs, the newest first; what GET /api/warnings answers. */
export async function recentWarnings(
  deps: Pick<RunsDeps, 'endedRuns' | 'readRecord'>,
): Promise<{ warnings: ToldWarning[] }> {
  const ids = await deps.endedRuns(mostRuns);
  const warnings: ToldWarning[] = [];
  for (let at = 0; at < ids.length; at += atOnce) {
    for (const record of await Promise.all(ids.slice(at, at + atOnce).map((id) => deps.readRecord(id)))) {
      if (record === undefined) continue;
      const { runId, commit, started, losses = [] } = record;
      warnings.push(...losses.map((each) => ({ ...each, runId, commit, time: new Date(started).toISOString() })));
    }
  }
  return { warnings };
}
