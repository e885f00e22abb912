import { gapLoss, readAcceptances } from '../../archive/acceptance.ts';
import type { Staged } from '../../archive/staged-item.ts';
import type { AcceptedGap, ItemFailure } from '../../backup/run.ts';
import type { BlobStore } from '../../storage/blob-store.ts';

/** Parts of items that could not be had. */
export interface Gaps {
  /** those that count */
  gaps: ItemFailure[];
  /** those that an administrator has accepted, exactly as they are */
  accepted: AcceptedGap[];
}

/** Tells gaps that count from those that are accepted. Without gaps the store is not asked. */
export async function weighGaps(store: BlobStore, staged: readonly Staged[]): Promise<Gaps> {
  const found: Gaps = { gaps: [], accepted: [] };
  const all = staged.flatMap(({ gaps = [], manifest }) => gaps.map((gap) => ({ gap, manifest })));
  if (all.length === 0) return found;
  const { accepted } = await readAcceptances(store);
  for (const { gap, manifest } of all) {
    const loss = gapLoss(manifest.id, manifest.stamp, gap);
    const acceptance = accepted.get(loss.object);
    if (acceptance === undefined) found.gaps.push(gap);
    else if (acceptance.state === loss.state)
      found.accepted.push({ ...gap, reason: acceptance.reason, since: acceptance.since });
    else {
      const hint = `It is not the gap that was accepted on ${acceptance.since.slice(0, 10)}. ${gap.hint}`;
      found.gaps.push({ ...gap, hint });
    }
  }
  return found;
}
