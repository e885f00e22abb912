import type { RunStep } from '../../backup/run.ts';
import { toFailure } from '../../errors.ts';
import type { Log } from '../../monitor/log.ts';
import type { Ping } from '../../monitor/ping.ts';
import type { BlobStore } from '../../storage/blob-store.ts';
import { shareOf } from './large.ts';
import { soundness, verdictLines, type Soundness } from './report.ts';
import { verify } from './verify.ts';

/** What the weekly verification talks to. */
export interface VerifyDeps {
  store: BlobStore;
  verifyPing: (runId: string) => Promise<Ping>;
}

/** Percent of the Git LFS objects that one week reads: four weeks read all of them. */
const weekly = 25;
const week = 7 * 86_400_000;

/**
 * Verifies the archive and tells the outside world; changes nothing. May run twice.
 * Throws STORE_… when the store does not answer, after it has told that as well.
 */
export async function verifyArchive(deps: VerifyDeps, { runId, started }: RunStep, log: Log): Promise<Soundness> {
  try {
    const verdict = await verify(deps.store, shareOf(weekly, Math.floor(started / week)));
    const outcome = soundness(verdict);
    const count = verdict.findings.length + verdict.more;
    log({ event: 'archive.verified', runId, outcome, count, bytes: verdict.readBytes });
    await tell(deps, runId, outcome === 'damaged' ? 'fail' : 'success', verdictLines(verdict).join('\n'), log);
    return outcome;
  } catch (error) {
    const { code, message, hint } = toFailure(error);
    log({ event: 'archive.verified', runId, outcome: 'failed', code });
    await tell(deps, runId, 'fail', `The archive could not be verified: ${code}: ${message}\n${hint}`, log);
    throw error;
  }
}

/** A ping that does not reach anybody must not have the whole archive read again; the log says so. */
async function tell(deps: VerifyDeps, runId: string, signal: 'success' | 'fail', body: string, log: Log) {
  try {
    await (
      await deps.verifyPing(runId)
    )(signal, runId, body);
  } catch (error) {
    log({ event: 'archive.verified', runId, outcome: 'untold', code: toFailure(error).code });
  }
}

/** The ping of the backup's own check hears of damage only: a verification is no backup. */
export function onlyDamage(ping: Ping): Ping {
  return (signal, runId, body) => (signal === 'fail' ? ping(signal, runId, body) : Promise.resolve(false));
}
