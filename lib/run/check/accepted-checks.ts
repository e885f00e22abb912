import { runBlobs } from '../../archive/run-blobs.ts';
import type { CheckEnd } from '../../backup/messages.ts';
import { readAllJson, needJson } from '../../storage/json-blobs.ts';
import type { Parts } from '../deps.ts';

/**
 * What the accepted checks of members came to, in the order of lanes and pages. Of a lane that was begun again only what its
 * last execution accepted counts, for that is what it counted.
 * @param walks one of each lane
 * @param names among them those of the blobs that say which checks count
 */
export async function* readChecks(
  { store }: Parts,
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
