import { refuseEnded, readRecord } from '../../archive/runs/run-record.ts';
import { runBlobs } from '../../archive/runs/run-blobs.ts';
import type { WorkRef } from '../../backup/plan.ts';
import type { Deps } from '../deps.ts';
import { needJson } from '../../storage/json-blobs.ts';
import type { LanePage } from '../../backup/run.ts';

/** readLane's output for items. */
export interface ItemPage {
  refs: WorkRef[];
  /** items of the page that are staged already, because the lane was begun again */
  staged: number;
  last: boolean;
}

/**
 * One page of a lane of items, without those that are staged when the lane was begun again. Throws RUN_CANCELLED or RUN_DEAD
 * when somebody ended the run, so that the lane stops.
 */
export async function readItems(deps: Deps, { runId, lane, page }: LanePage): Promise<ItemPage> {
  refuseEnded(await readRecord(deps.store, runId));
  const blobs = runBlobs(runId);
  const all = await needJson<Pick<ItemPage, 'refs' | 'last'>>(deps.store, blobs.work(lane, page));
  const isFirst = (await deps.store.put(blobs.workBegun(lane, page), Buffer.of(), { absent: true })) !== undefined;
  if (isFirst) return { ...all, staged: 0 };
  const found = await Promise.all(all.refs.map(({ itemId }) => deps.store.stat(blobs.staged(itemId))));
  const refs = all.refs.filter((_ref, n) => found[n] === undefined);
  return { refs, staged: all.refs.length - refs.length, last: all.last };
}
