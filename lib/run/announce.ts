import { isForeign, warn } from '../archive/runs/run-record.ts';
import type { Outcome, RunRecord } from '../backup/run.ts';
import { pingText } from '../backup/report.ts';
import { toFailure } from '../errors.ts';
import type { Log } from '../monitor/log.ts';
import type { Signal } from '../monitor/ping.ts';
import type { Deps } from './deps.ts';

/**
 * Tells Healthchecks.io; a ping that fails never fails a run. The sentence to report, or undefined when it was heard.
 */
export async function tell(deps: Deps, signal: Signal, runId: string, body: string): Promise<string | undefined> {
  try {
    const ping = await deps.ping(runId);
    await ping(signal, runId, body);
    return undefined;
  } catch (error) {
    const { code, message } = toFailure(error);
    return `${code}: ${message}`;
  }
}

/** What a finished run pings. */
export function signalOf(outcome: Outcome, partialPings: 'fail' | 'success'): Signal {
  if (outcome === 'partial') return partialPings;
  return outcome === 'complete' ? 'success' : 'fail';
}

/** The last thing of every run: ping, then a log line. */
export async function announce(deps: Deps, record: RunRecord, log: Log): Promise<void> {
  const unheard = await tell(deps, signalOf(record.outcome, deps.rules.partialPings), record.runId, pingText(record));
  if (unheard !== undefined && !isForeign(record.error)) await warn(deps.store, record.runId, unheard);
  for (const { code, itemId, owner } of record.losses ?? [])
    log({ event: 'item.warning', runId: record.runId, user: owner, ...(itemId !== null && { itemId }), code });
  const { runId, outcome, bytes, seconds, error } = record;
  const event = outcome === 'complete' || outcome === 'partial' ? 'run.completed' : 'run.failed';
  log({ event, runId, outcome, bytes, ms: seconds * 1000, count: record.listed, ...(error && { code: error.code }) });
}
