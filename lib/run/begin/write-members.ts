import type { Listed } from '../../arcgis/connection/list-all.ts';
import type { Member } from '../../arcgis/organization/members.ts';
import { archivedJson } from '../../archive/archived-json.ts';
import type { Head } from '../../archive/repository.ts';
import { runBlobs } from '../../archive/runs/run-blobs.ts';
import { membersText, withArchived } from '../../backup/organization.ts';
import { writeFirst } from '../../storage/json-blobs.ts';
import type { Deps } from '../deps.ts';

/**
 * What the archive will say of the members, apart from the lists, which are read for every page of a lane; 5,000 members take
 * about 2 MB. Of a list that is lacking, whom the archive has and the list has not stays as it is.
 */
export async function writeMembers(
  deps: Deps,
  runId: string,
  head: Head | undefined,
  { list, lacking }: Listed<Member>,
): Promise<void> {
  const oid = lacking && head && (await deps.repository.treeAt(head.tree, 'organization/members.json'));
  const archived = oid === undefined ? [] : await archivedJson(deps.repository, oid);
  // What cannot be read stays, and is found by verify.
  if (archived === undefined) return;
  const text = membersText(withArchived(list, archived, 'username'));
  await writeFirst(deps.store, runBlobs(runId).membersText, text);
}
