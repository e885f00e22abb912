import { runBlobs } from '../../archive/runs/run-blobs.ts';
import { onePerRun } from '../../one-per-run.ts';
import type { BlobStore } from '../../storage/blob-store.ts';
import { needJson } from '../../storage/json-blobs.ts';
import type { Deps } from '../deps.ts';
import type { MemberLists } from './begin-run.ts';

type Read = (runId: string) => Promise<Readonly<MemberLists>>;

/** By store, so that each worker has its own. */
const readers = new WeakMap<BlobStore, Read>();

/**
 * What beginRun left for the lanes and the last step. They are written once and never again, so a worker reads them once a run, not
 * with every page of every lane: they grow with the members, and so do the pages. Not to be changed: others have the same.
 * Throws STORE_DAMAGED when the store lost them.
 */
export function readMemberLists({ store }: Pick<Deps, 'store'>, runId: string): Promise<Readonly<MemberLists>> {
  const read = readers.get(store) ?? onePerRun((id) => needJson<MemberLists>(store, runBlobs(id).members));
  readers.set(store, read);
  return read(runId);
}
