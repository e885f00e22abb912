import { readRecord, refuseEnded } from '../../archive/runs/run-record.ts';
import { runBlobs } from '../../archive/runs/run-blobs.ts';
import type { WorkRef } from '../../backup/plan.ts';
import type { RunStep } from '../../backup/run.ts';
import type { Log } from '../../monitor/log.ts';
import type { Deps } from '../deps.ts';
import { isStaged } from './found-item.ts';
import { addUp, countOf, type SavedItems } from './item-result.ts';
import { saveItem } from './save-item.ts';

/** saveItems's input: which items, of those that are not exported. */
export interface SaveItemsInput extends RunStep {
  refs: readonly WorkRef[];
  salvage: readonly string[];
}

/** After how much of either no further item is begun: an item may take four minutes more, and no activity more than five. */
const most = { ms: 30_000, bytes: 32 * 1024 ** 2 };

/**
 * Saves items one after the other, as many as fit; the first one always. An item that fails is counted. Executed again it passes over what is
 * staged. Throws RUN_CANCELLED or RUN_DEAD when somebody ended the run, and what `saveItem` throws.
 */
export async function saveItems(deps: Deps, input: SaveItemsInput, log: Log): Promise<SavedItems> {
  const { refs, ...common } = input;
  refuseEnded(await readRecord(deps.store, input.runId));
  const isAgain = await wasBegun(deps, input);
  const begun = deps.clock.now();
  let sum: SavedItems = { done: 0, failed: 0 };
  let bytes = 0;
  for (const work of refs) {
    // Exports have steps that take a moment, and most of their time is the portal's: those are not to wait for all of these.
    if (sum.done > 0) await deps.lanes.letOthers();
    if (sum.done > 0 && (bytes > most.bytes || deps.clock.now() - begun > most.ms)) break;
    const each = { ...common, work };
    const isThere = isAgain && (await isStaged(deps, each));
    const saved = isThere ? { ok: true as const, bytes: 0 } : await saveItem(deps, each, log);
    if ('goesOn' in saved) return { ...sum, goesOn: true };
    sum = addUp(sum, countOf(saved));
    if (sum.ended) break;
    bytes += saved.ok ? saved.bytes : 0;
  }
  return sum;
}

/** Is it an execution after another one? Of a single item nobody asks: then it is staged once more at worst, which counts for nothing. */
async function wasBegun({ store }: Deps, { runId, refs }: SaveItemsInput): Promise<boolean> {
  const [first, second] = refs;
  if (first === undefined || second === undefined) return false;
  const mark = runBlobs(runId).savingBegun(first.itemId);
  return (await store.put(mark, Buffer.of(), { absent: true })) === undefined;
}
