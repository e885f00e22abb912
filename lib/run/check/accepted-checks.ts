import { runBlobs } from '../../archive/runs/run-blobs.ts';
import type { LeftOut } from '../../backup/changes.ts';
import type { ItemFailure } from '../../backup/run.ts';
import { readAllJson, needJson } from '../../storage/json-blobs.ts';
import type { Deps } from '../deps.ts';

/**
 * What the accepted checks of members came to, in the order of lanes and pages. Of a lane that was begun again only what its
 * last execution accepted counts, for that is what it counted.
 * @param walks one of each lane
 * @param names among them those of the blobs that say which checks count
 */
export async function* readChecks(
  { store }: Deps,
  runId: string,
  walks: readonly string[],
  names: readonly string[],
): AsyncGenerator<CheckEnd> {
  const blobs = runBlobs(runId);
  const accepted = walks.flatMap((walk) => names.filter((name) => name.startsWith(blobs.allAcceptedOf(walk))));
  for await (const { value } of readAllJson<string[]>(store, accepted)) {
    for (const check of value) yield await needJson<CheckEnd>(store, blobs.checked(check));
  }
}

/** What one check of one member came to. */
export interface CheckEnd {
  /** names of the blobs with the found items, a page of a listing each */
  pages: readonly string[];
  /** the found items */
  ids: readonly string[];
  failures: ItemFailure[];
  /** an older version wrote none down */
  leftOut?: LeftOut[];
  /** archived items that the listing does not hold any more; null when none, or when the listing says nothing about it */
  missing: { username: string; tree: string; ids: string[] } | null;
}
