import type { LanePage } from '../../backup/run.ts';
import type { MemberOnLane } from '../begin/begin-run.ts';
import { readMemberLists } from '../begin/member-lists.ts';
import type { Deps } from '../deps.ts';

/** readLane's output for members. */
export interface MemberPage {
  members: MemberOnLane[];
  last: boolean;
}

/** Members on one page of a lane: few, so that an instance stays below 200 activities (azure-functions.md, rule 3). */
const membersOnPage = 100;

/** One page of a lane of members. */
export async function readMembers(deps: Deps, { runId, lane, page }: LanePage): Promise<MemberPage> {
  const { lanes } = await readMemberLists(deps, runId);
  const all = lanes[lane] ?? [];
  const members = all.slice(page * membersOnPage, (page + 1) * membersOnPage);
  return { members, last: (page + 1) * membersOnPage >= all.length };
}
