import { runBlobs } from '../../archive/runs/run-blobs.ts';
import { chunks } from '../../storage/json-blobs.ts';
import type { Deps } from '../deps.ts';

/** What was staged is in the pack now; what a crash leaves here is swept with other leftovers. */
export async function cleanUp({ store }: Pick<Deps, 'store'>, runId: string): Promise<void> {
  for await (const blobs of chunks(store.list(runBlobs(runId).folder), 16)) {
    await Promise.all(blobs.map(({ name }) => store.delete(name)));
  }
}
