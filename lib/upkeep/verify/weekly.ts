import type { RunStep } from '../../backup/run.ts';
import type { Clock } from '../../clock.ts';
import { toFailure } from '../../errors.ts';
import type { Log } from '../../monitor/log.ts';
import type { Ping } from '../../monitor/ping.ts';
import type { BlobStore } from '../../storage/blob-store.ts';
import { shareOf } from './large.ts';
import { Pace, type Paced } from './pace.ts';
import { soundness, verdictLines, type Soundness } from './report.ts';
import { turnOf } from './turn.ts';
import { UnfinishedVerify } from './unfinished.ts';
import { Verification } from './verification.ts';
import type { Verdict } from './verify.ts';

/** What the weekly verification talks to. */
export interface VerifyDeps {
  store: BlobStore;
  clock: Clock;
  verifyPing: (runId: string) => Promise<Ping>;
}

/** What the weekly verification is told. */
export interface VerifyStep extends RunStep {
  /** Does who asks go on asking? An orchestration that an older version began takes any answer for the end. */
  inParts?: true;
}

/** How the archive is, or how far the verification has come: then another part goes on. */
export type VerifyPart = Soundness | { goesOn: Paced | null };

/** Percent of the Git LFS objects that one week reads: four weeks read all of them. */
const weekly = 25;
const week = 7 * 86_400_000;

/**
 * Verifies the archive for five minutes, going on where an earlier part, or a verification that came to no end, has stopped; after the
 * last part it tells the outside world. Changes nothing of the archive. May run twice: then a part is done again.
 * Throws STORE_… when the store does not answer, after it has told that as well.
 */
export async function verifyArchive(deps: VerifyDeps, step: VerifyStep, log: Log): Promise<VerifyPart> {
  const { runId } = step;
  try {
    const unfinished = new UnfinishedVerify(deps.store, 'weekly');
    for (;;) {
      const pace = new Pace(deps.clock);
      const verdict = await verifyPart(deps, step, { unfinished, pace });
      if (verdict !== undefined) return await conclude(deps, runId, { verdict, unfinished }, log);
      const { phase, done, total } = pace.now ?? {};
      log({ event: 'archive.verifying', runId, ...(phase && { phase }), ...(total && { count: done ?? 0, total }) });
      if (step.inParts) return { goesOn: pace.now ?? null };
    }
  } catch (error) {
    const { code, message, hint } = toFailure(error);
    log({ event: 'archive.verified', runId, outcome: 'failed', code });
    await tell(deps, runId, 'fail', `The archive could not be verified: ${code}: ${message}\n${hint}`, log);
    throw error;
  }
}

async function verifyPart(
  { store, clock }: VerifyDeps,
  { started }: VerifyStep,
  { unfinished, pace }: { unfinished: UnfinishedVerify; pace: Pace },
): Promise<Verdict | undefined> {
  const share = shareOf(weekly, Math.floor(started / week));
  const state = await unfinished.read(clock.now());
  // Of a verification that has not come to them yet, the turn of this week.
  if (state?.large.list === null) state.share = share;
  const verification = await Verification.open(store, { share, state });
  const verdict = await verification.goOn(turnOf(clock, (progress) => pace.hear(progress)));
  if (verdict === undefined) await unfinished.keep(verification.state);
  return verdict;
}

async function conclude(
  deps: VerifyDeps,
  runId: string,
  { verdict, unfinished }: { verdict: Verdict; unfinished: UnfinishedVerify },
  log: Log,
): Promise<Soundness> {
  const outcome = soundness(verdict);
  const count = verdict.findings.length + verdict.more;
  log({ event: 'archive.verified', runId, outcome, count, bytes: verdict.readBytes });
  await tell(deps, runId, outcome === 'damaged' ? 'fail' : 'success', verdictLines(verdict).join('\n'), log);
  await unfinished.end();
  return outcome;
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
