import type { RunStep } from '../../backup/run.ts';
import { toFailure } from '../../errors.ts';
import type { Log } from '../../monitor/log.ts';
import { warn } from '../../archive/runs/run-record.ts';
import type { Deps } from '../../run/deps.ts';
import type { Retention } from '../retain/fold.ts';
import { runElsewhere } from '../../archive/runs/run-holder.ts';
import { tidyUp } from './maintain.ts';

/**
 * Keeps the store small after a commit. The run has published and said how it ended by then, so trouble here is a warning in
 * its record and no failure. May run twice. Throws STORE_… only when the warning cannot be written either.
 */
export async function maintainArchive(deps: Deps, { runId }: RunStep, log: Log): Promise<null> {
  const began = deps.clock.now();
  try {
    await tidyUp({ ...deps, retention: retentionOf(deps) });
    log({ event: 'archive.tidied', runId, outcome: 'done', ms: deps.clock.now() - began });
  } catch (error) {
    const { code, message } = toFailure(error);
    log({ event: 'archive.tidied', runId, outcome: 'failed', code });
    const text = `The archive could not be tidied up (${code}: ${message}); the next run tries again.`;
    await warn(deps.store, runId, text);
  }
  return null;
}

function retentionOf(deps: Deps): Retention | undefined {
  const { keepDays } = deps.rules;
  return keepDays === undefined ? undefined : { keepDays, runElsewhere: () => runElsewhere(deps) };
}
