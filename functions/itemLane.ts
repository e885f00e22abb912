import { subOrchestration, type Steps } from '../lib/activity.ts';
import type { RunStep } from '../lib/backup/run.ts';
import { endsRun, type Failure } from '../lib/errors.ts';
import { exportItem } from './exportItem.ts';
import { saveWhole } from './longItem.ts';
import { readItems } from './readItems.ts';

interface ItemLaneInput extends RunStep {
  lane: number;
  page: number;
  salvage: readonly string[];
  /** of the pages before this one */
  done: number;
  failed: number;
}

/**
 * Walks its items one after the other, a page at a time. An item that fails is counted, and the next one follows. Answers with
 * what ended the run before the last item, or with null.
 */
export const itemLane = subOrchestration('itemLane', function* (context, input: ItemLaneInput): Steps<Failure | null> {
  const { runId, started, lane, page, salvage } = input;
  const show = (done: number, failed: number) => context.df.setCustomStatus({ runId, phase: 'items', done, failed });
  // An orchestrator that goes on with its next page has lost what it showed.
  show(input.done, input.failed);
  const { refs, staged, last } = yield* readItems(context, { runId, lane, page });
  let { failed } = input;
  let done = input.done + staged;
  for (const work of refs) {
    const each = { runId, started, work, salvage };
    const result = work.step === 'export' ? yield* exportItem.call(context, each) : yield* saveWhole(context, each);
    if (!result.ok && endsRun(result)) return failureIn(result);
    done += 1;
    failed += result.ok ? 0 : 1;
    show(done, failed);
  }
  if (!last) context.df.continueAsNew({ ...input, page: page + 1, done, failed });
  return null;
});

const failureIn = ({ code, message, hint }: Failure): Failure => ({ code, message, hint });
