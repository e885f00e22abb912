import type { Identity } from '../../arcgis/connection/identity.ts';
import type { OwnerRight } from '../../arcgis/organization/owner-rights.ts';
import type { Portal } from '../../arcgis/portal.ts';
import type { History } from '../../history/history.ts';
import type { Seen as SeenVersion } from '../../history/version-at.ts';
import type { SavedGroup } from '../../history/groups.ts';
import type { FolderTarget } from '../folders/folder.ts';
import type { GroupSeen } from '../groups/plan-groups.ts';
import type { RestoreDeps } from '../deps.ts';
import type { AskedMode, AspectName, PlanWarning, RowsWish } from '../words.ts';

/** What a restore is asked for. */
export interface Wish {
  /** the version of each item */
  versions: readonly SeenVersion[];
  at: string;
  mode: AskedMode;
  /** copies that stay with the account that restores, for a drill */
  isDrill?: boolean;
  /** it takes back an earlier restore: what it gives back names what it named */
  isUndo?: boolean;
  /** what is put back; all unless given */
  only?: readonly AspectName[];
  /** who takes what belongs to nobody any more */
  owner?: string | undefined;
  widenSharing?: boolean;
  /** groups that are put back with their members, and with what was shared with them */
  groups?: readonly SavedGroup[];
  /** living items that name what is made anew get its new names */
  repoint?: boolean;
  /** how rows are put back; all unless given */
  rows?: RowsWish;
  /** hears how many items were looked at, of how many */
  tell?: (done: number, total: number) => Promise<void>;
}

/** A plan while it is made. */
export interface Planning {
  deps: RestoreDeps;
  portal: Portal;
  identity: Identity;
  history: History;
  wish: Wish;
  /** is the target another organization than that of the archive? */
  isElsewhere: boolean;
  /** does the portal run ArcGIS Enterprise, which honours wished ids? */
  isEnterprise: boolean;
  /** of this restore */
  mark: string;
  /** id of the portal's organization */
  organization: string;
  /** the groups that are put back, by their ids in the archive */
  groups: ReadonlyMap<string, GroupSeen>;
  /** where its items are to lie; known when all of them were looked at */
  folders: readonly FolderTarget[];
  only: ReadonlySet<AspectName>;
  /** paths of the organization's schema, asked for once */
  categories: () => Promise<ReadonlySet<string> | undefined>;
  /** whether a member may own items, each asked for once */
  ownerRight: (username: string) => Promise<OwnerRight>;
  /** grows while items are looked at */
  warnings: PlanWarning[];
}
