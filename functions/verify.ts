import { orchestration, type Steps } from '../lib/activity.ts';
import type { RunStep } from '../lib/backup/run.ts';
import type { Paced } from '../lib/upkeep/verify/pace.ts';
import { verifyArchive } from './verifyArchive.ts';

interface VerifyInput extends RunStep {
  /** parts that earlier executions of this instance have done, and how far they came */
  parts?: number;
  shown?: Paced | null;
}

/** Parts of one execution: every one of them replays those before it. */
const mostParts = 100;

/** One verification of the archive, in as many parts as it takes: an orchestration, so that a part is done again when its worker goes away. */
orchestration('verify', function* (context, input: VerifyInput): Steps<{ outcome: string }> {
  const { runId, started, parts = 0 } = input;
  const show = (done: number, shown: Paced | null) => context.df.setCustomStatus({ runId, parts: done, ...shown });
  let shown = input.shown ?? null;
  if (parts > 0) show(parts, shown);
  for (let n = 1; n <= mostParts; n++) {
    const part = yield* verifyArchive(context, { runId, started, inParts: true });
    if (typeof part === 'string') return { outcome: part };
    shown = part.goesOn;
    show(parts + n, shown);
  }
  context.df.continueAsNew({ runId, started, parts: parts + mostParts, shown });
  // Nobody sees it: the instance begins anew.
  return { outcome: 'goes on' };
});
