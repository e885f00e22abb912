import type { OrchestrationContext } from 'durable-functions';
import { subOrchestration, type Steps } from '../lib/activity.ts';
import { addUp, countOf, type ItemResult, type SavedItems, type Unproven } from '../lib/run/save/item-result.ts';
import type { SaveInput } from '../lib/run/save/save-item.ts';
import type { SaveItemsInput } from '../lib/run/save/save-items.ts';
import { saveItem } from './saveItem.ts';
import { saveItems } from './saveItems.ts';

type Saved = ItemResult | Unproven;

/** Activities of one instance: every one of them replays those before it. */
const mostActivities = 100;

/** Saves an item that takes longer than one activity may, each going on where the one before stopped. */
export const longItem = subOrchestration('longItem', function* (context, input: SaveInput): Steps<Saved> {
  for (let n = 0; n < mostActivities; n++) {
    const saved = yield* saveItem(context, { ...input, goesOn: true });
    if (!('goesOn' in saved)) return saved;
  }
  context.df.continueAsNew(input);
  // Nobody sees it: the instance begins anew.
  return { ok: true, bytes: 0 };
});

/** Saves an item in one activity, or in as many as it takes. */
export function* saveWhole(context: OrchestrationContext, input: SaveInput): Steps<Saved> {
  const saved = yield* saveItem(context, input);
  return 'goesOn' in saved ? yield* longItem.call(context, input) : saved;
}

/** Saves the first of these items, as many as one activity gets through, and one that takes longer to its end. */
export function* saveSeveral(context: OrchestrationContext, input: SaveItemsInput): Steps<SavedItems> {
  const saved = yield* saveItems(context, input);
  const { refs, ...step } = input;
  const work = saved.goesOn && refs[saved.done];
  return work ? addUp(saved, countOf(yield* longItem.call(context, { ...step, work }))) : saved;
}
