import { allDrills, drillName } from '../../archive/layout.ts';
import { findJson } from '../../archive/runs/run-blobs.ts';
import type { BlobStore } from '../../storage/blob-store.ts';
import { namesOf } from '../../storage/json-blobs.ts';
import type { Failure } from '../../errors.ts';
import type { ItemOutcome } from '../words.ts';

/** What is written down of a drill: before it begins, and at its end. */
export interface DrillRecord {
  /** the restore that made the copies; its journal says of each item what came of it */
  restoreId: string;
  /** epoch ms */
  started: number;
  items: { itemId: string; type: string; title: string; outcome: ItemOutcome | null }[];
  /** null until its end */
  outcome: 'complete' | 'partial' | 'failed' | null;
  error: Failure | null;
  /** are all copies gone? Otherwise the next drill sees to it */
  isTidy: boolean;
}

/** The drills that there were, in the order of their time; a record that is damaged is passed over. */
export async function readDrills(store: BlobStore): Promise<DrillRecord[]> {
  const found: DrillRecord[] = [];
  for await (const name of namesOf(store.list(allDrills))) {
    const record = await findJson<DrillRecord>(store, name);
    if (record?.restoreId !== undefined && name === drillName(record.restoreId) && Array.isArray(record.items))
      found.push(record as DrillRecord);
  }
  return found;
}
