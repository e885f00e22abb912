import type { OrchestrationContext } from 'durable-functions';
import { subOrchestration, type Steps } from '../lib/activity.ts';
import type { ItemResult, Unproven } from '../lib/run/save/item-result.ts';
import type { SaveInput } from '../lib/run/save/save-item.ts';
import { saveItem } from './saveItem.ts';

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
