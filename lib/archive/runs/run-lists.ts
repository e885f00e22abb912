import { z } from 'zod';
import type { RunLists } from '../../backup/changes.ts';
import { jsonIn } from '../../backup/json.ts';
import type { BlobStore } from '../../storage/blob-store.ts';
import { runBlobs } from './run-blobs.ts';

const names = { itemId: z.string(), title: z.string(), owner: z.string(), type: z.string(), why: z.string() };
const lists = z.object({
  runId: z.string(),
  changes: z.array(z.object({ op: z.enum(['added', 'changed', 'moved', 'removed']), ...names })),
  leftOut: z.array(z.object(names)),
});

/** What a run changed and left out; empty where nothing was written down, or it cannot be read any more. */
export async function readLists(store: BlobStore, runId: string): Promise<RunLists> {
  const blob = await store.get(runBlobs(runId).lists);
  const { changes, leftOut } = (blob && listsIn(blob.bytes, runId)) ?? { changes: [], leftOut: [] };
  return { changes, leftOut };
}

/** The lists in a blob; undefined when its bytes are not those of this run. */
export function listsIn(bytes: Buffer, runId: string): RunLists | undefined {
  const found = lists.safeParse(jsonIn(bytes.toString())).data;
  return found?.runId === runId ? found : undefined;
}
