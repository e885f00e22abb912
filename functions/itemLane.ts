import type { OrchestrationContext } from 'durable-functions';
import { subOrchestration, type Steps } from '../lib/activity.ts';
import { nextItems, type WorkRef } from '../lib/backup/plan.ts';
import type { RunStep } from '../lib/backup/run.ts';
import type { Failure } from '../lib/errors.ts';
import { addUp, countOf, type SavedItems } from '../lib/run/save/item-result.ts';
import type { SaveItemsInput } from '../lib/run/save/save-items.ts';
import { exportItem } from './exportItem.ts';
import { saveSeveral } from './longItem.ts';
import { readItems } from './readItems.ts';

interface ItemLaneInput extends RunStep {
  lane: number;
  page: number;
  salvage: readonly string[];
  /** of the pages before this one */
  done: number;
  failed: number;
  bytes?: number;
}

/**
 * Walks its items a page at a time, several to an activity. An item that fails is counted, and the next one follows. Answers with
 * what ended the run before the last item, or with null.
 */
export const itemLane = subOrchestration('itemLane', function* (context, input: ItemLaneInput): Steps<Failure | null> {
  const { runId, started, lane, page, salvage } = input;
  const show = ({ done, failed, bytes = 0 }: SavedItems, next: readonly WorkRef[] = []) => {
    const [first] = next;
    const at = first && { blob: first.blob, start: first.start, length: first.length, others: next.length - 1 };
    context.df.setCustomStatus({ runId, phase: 'items', done, failed, bytes, ...(at && { at }) });
  };
  // An orchestrator that goes on with its next page has lost what it showed.
  show(input);
  const { refs, staged, last } = yield* readItems(context, { runId, lane, page });
  let left: readonly WorkRef[] = refs;
  let sum: SavedItems = { done: input.done + staged, failed: input.failed, bytes: input.bytes ?? 0 };
  while (left.length > 0) {
    const next = nextItems(left);
    show(sum, next);
    const saved: SavedItems = yield* saveNext(context, { runId, started, salvage, refs: next });
    left = left.slice(saved.done);
    sum = addUp(sum, saved);
    if (sum.ended) return sum.ended;
  }
  show(sum);
  const { done, failed, bytes } = sum;
  if (!last) context.df.continueAsNew({ ...input, page: page + 1, done, failed, bytes });
  return null;
});

/** Exports an item, or saves several. */
function* saveNext(context: OrchestrationContext, { refs, ...step }: SaveItemsInput): Steps<SavedItems> {
  const [work] = refs;
  return work?.step === 'export'
    ? countOf(yield* exportItem.call(context, { ...step, work }))
    : yield* saveSeveral(context, { ...step, refs });
}
