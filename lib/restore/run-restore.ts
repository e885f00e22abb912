import { claimRun, readHolder, releaseRestore } from '../archive/runs/run-holder.ts';
import type { RunStep } from '../backup/run.ts';
import { toFailure, type Failure } from '../errors.ts';
import type { RestoreDeps } from './deps.ts';
import { Journal, WrittenElsewhere } from './journal/journal.ts';
import { beginning, type Place, type Tell } from './part.ts';
import { restorePart } from './restore-part.ts';
import type { RestoreResult } from './words.ts';

/** Claims the archive for a restore, and takes its journal over from whoever was killed with it. Throws RUN_ACTIVE, RESTORE_UNKNOWN. */
export async function takeUp(deps: RestoreDeps, restoreId: string, as: 'resumed' | 'taken'): Promise<Journal> {
  const journal = await Journal.open(deps.run.store, deps.run.clock, restoreId);
  await takeOver(deps, journal, as);
  return journal;
}

async function takeOver({ run }: RestoreDeps, journal: Journal, as: 'resumed' | 'taken'): Promise<void> {
  const { restoreId, started } = journal.restore;
  // Before anything is written: who restores elsewhere is not disturbed.
  await claimRun(run, { runId: restoreId, started }, 'restore');
  await journal.takeOver(as);
}

/** A restore from where it is to its end, in this process. Throws as `restorePart`; it goes on when somebody starts it again. */
export async function runRestore(deps: RestoreDeps, journal: Journal, tell: Tell): Promise<RestoreResult> {
  const { restoreId, started } = journal.restore;
  try {
    deps.log({ event: 'restore.started', runId: restoreId });
    const end = await restorePart(deps, journal, { from: beginning, isOver: () => false, tell });
    if (!('outcome' in end)) throw new Error('A part without a limit has an end.');
    logEnd(deps, end);
    return end;
  } catch (error) {
    await failRestore(deps, { runId: restoreId, started, failure: toFailure(error) });
    throw error;
  }
}

/** ms after which a part lets the next one go on: none may take five minutes, unless one thing takes longer. */
const partTime = 4 * 60_000;

/** restoreItems' input; `from` is where the part before has stopped. */
export interface RestoreInput extends RunStep {
  from?: Place;
}

/**
 * A part of a restore in an activity of its own. One that is executed again takes the journal over, and the execution before can begin
 * nothing any more; it answers that the restore goes on.
 */
export async function restoreItems(
  deps: RestoreDeps,
  { runId, from }: RestoreInput,
): Promise<{ goesOn: Place } | { outcome: RestoreResult['outcome'] }> {
  const { clock } = deps.run;
  const began = clock.now();
  try {
    if (from === undefined) deps.log({ event: 'restore.started', runId });
    const journal = await Journal.open(deps.run.store, clock, runId);
    const ended = endOf(journal);
    if (ended !== undefined) {
      // Whoever wrote that may have been killed right after it.
      await releaseRestore(deps.run, runId);
      logEnd(deps, ended);
      return { outcome: ended.outcome };
    }
    await takeOver(deps, journal, 'taken');
    const isOver = () => clock.now() - began >= partTime;
    const end = await restorePart(deps, journal, { from: from ?? beginning, isOver, tell: () => undefined });
    if (!('outcome' in end)) return { goesOn: end };
    logEnd(deps, end);
    return { outcome: end.outcome };
  } catch (error) {
    if (error instanceof WrittenElsewhere) return { goesOn: from ?? beginning };
    throw error;
  }
}

/** How it has ended, if nobody has started it again since: an execution that comes late has nothing to do, and takes nothing over. */
function endOf({ entries }: Journal): RestoreResult | undefined {
  const since = entries.slice(entries.findLastIndex(({ kind }) => kind === 'resumed') + 1);
  const last = since.findLast(({ kind }) => kind === 'ended');
  return last?.kind === 'ended' ? last.result : undefined;
}

/** Says why a restore came to no end, and lets others run; it goes on when somebody starts it again. */
export async function failRestore(
  { run, log }: RestoreDeps,
  { runId, failure }: RunStep & { failure: Failure },
): Promise<{ outcome: 'stopped' }> {
  if (!(await isElsewhere(run, runId))) {
    const journal = await Journal.open(run.store, run.clock, runId);
    await journal.stop(failure);
    await releaseRestore(run, runId);
  }
  const event = failure.code === 'RESTORE_STOPPED' ? 'restore.stopped' : 'restore.failed';
  log({ event, runId, code: failure.code });
  return { outcome: 'stopped' };
}

/** Does another host make this very restore? Then it is not stopped because it could not be begun here as well. */
async function isElsewhere({ store, host }: RestoreDeps['run'], restoreId: string): Promise<boolean> {
  const holder = await readHolder(store);
  return holder?.runId === restoreId && holder.heard > 0 && holder.host !== (await host()).id;
}

function logEnd({ log }: RestoreDeps, { restoreId, outcome, items }: RestoreResult): void {
  const event = outcome === 'complete' ? 'restore.completed' : 'restore.failed';
  log({ event, runId: restoreId, outcome, count: items.length });
}
