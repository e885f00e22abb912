import { runBlobs } from '../../archive/runs/run-blobs.ts';
import { writeJson } from '../../storage/json-blobs.ts';
import type { Deps } from '../deps.ts';

/** acceptChecks's input: the checks of one page of a lane. */
export interface AcceptInput {
  runId: string;
  /** the lane's name for what it accepts */
  walk: string;
  page: number;
  checks: readonly string[];
}

/** Keeps which checks of a page of members count. */
export async function acceptChecks({ store }: Deps, { runId, walk, page, checks }: AcceptInput): Promise<null> {
  await writeJson(store, runBlobs(runId).accepted(walk, page), checks);
  return null;
}
