import type { Identity } from '../../arcgis/connection/identity.ts';
import type { Portal } from '../../arcgis/portal.ts';
import type { History } from '../../history/history.ts';
import type { Seen as SeenVersion } from '../../history/version-at.ts';
import type { RestoreDeps } from '../deps.ts';
import type { AskedMode, AspectName, PlanWarning } from '../words.ts';

/** What a restore is asked for. */
export interface Wish {
  /** the version of each item */
  versions: readonly SeenVersion[];
  at: string;
  mode: AskedMode;
  /** what is put back; all unless given */
  only?: readonly AspectName[];
  /** who takes what belongs to nobody any more */
  owner?: string | undefined;
  widenSharing?: boolean;
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
  only: ReadonlySet<AspectName>;
  /** paths of the organization's schema, asked for once */
  categories: () => Promise<ReadonlySet<string> | undefined>;
  /** grows while items are looked at */
  warnings: PlanWarning[];
}
