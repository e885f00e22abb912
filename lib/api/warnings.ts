import { acknowledge, revokeAcknowledged } from '../archive/runs/acknowledged.ts';
import { sha256 } from '../archive/sha256.ts';
import type { RunRecord } from '../backup/run.ts';
import type { ContentWarning } from '../backup/warnings.ts';
import type { Clock } from '../clock.ts';
import { BackupError } from '../errors.ts';
import type { BlobStore } from '../storage/blob-store.ts';
import type { RunsDeps } from './runs.ts';

/** A warning of a run, with when it came up. */
export type ToldWarning = ContentWarning & {
  /** 16 hex digits */
  id: string;
  runId: string;
  commit: string | null;
  /** ISO 8601: when the run began */
  time: string;
  /** ISO 8601: since when somebody has taken note of it; null while nobody has */
  acknowledged: string | null;
};

/** Runs that are looked at. */
const mostRuns = 100;
const atOnce = 8;

/** What may have been lost in the latest runs, the newest first; what GET /api/warnings answers. */
export async function recentWarnings(
  deps: Pick<RunsDeps, 'endedRuns' | 'readRecord' | 'acknowledged'>,
): Promise<{ warnings: ToldWarning[] }> {
  const [ids, acknowledged] = await Promise.all([deps.endedRuns(mostRuns), deps.acknowledged()]);
  const warnings: ToldWarning[] = [];
  for (let at = 0; at < ids.length; at += atOnce) {
    for (const record of await Promise.all(ids.slice(at, at + atOnce).map((id) => deps.readRecord(id))))
      if (record !== undefined) warnings.push(...toldWarnings(record, record.losses ?? [], acknowledged));
  }
  return { warnings };
}

/** Warnings of one run, as they are told with those of others. */
export function toldWarnings(
  { runId, commit, started }: Pick<RunRecord, 'runId' | 'commit' | 'started'>,
  losses: readonly ContentWarning[],
  acknowledged: ReadonlyMap<string, number>,
): ToldWarning[] {
  const time = new Date(started).toISOString();
  return losses.map((each) => {
    const id = idOf(runId, each);
    const since = acknowledged.get(id);
    return {
      ...each,
      id,
      runId,
      commit,
      time,
      acknowledged: since === undefined ? null : new Date(since).toISOString(),
    };
  });
}

function idOf(runId: string, { code, itemId, owner, message }: ContentWarning): string {
  return sha256(Buffer.from(JSON.stringify([runId, code, itemId, owner, message]))).slice(0, 16);
}

/**
 * Writes down that somebody has taken note of a warning, or takes that back. Undone and done again it is the same; no run ends otherwise for it.
 * Throws WARNING_UNKNOWN for one that is not among those of the latest runs.
 */
export async function acknowledgeWarning(
  { store, clock, ...deps }: Parameters<typeof recentWarnings>[0] & { store: BlobStore; clock: Clock },
  id: string,
  isKnown: boolean,
): Promise<ToldWarning> {
  const found = (await recentWarnings(deps)).warnings.find((each) => each.id === id);
  if (found === undefined)
    throw new BackupError('WARNING_UNKNOWN', `There is no warning ${id.slice(0, 50)} in the latest ${mostRuns} runs.`);
  if (!isKnown) {
    await revokeAcknowledged(store, id);
    return { ...found, acknowledged: null };
  }
  if (found.acknowledged !== null) return found;
  const now = clock.now();
  const { code, itemId, title, message, runId } = found;
  await acknowledge(store, id, now, { code, itemId, title, message, runId });
  return { ...found, acknowledged: new Date(now).toISOString() };
}
