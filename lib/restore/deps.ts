import type { Portal } from '../arcgis/portal.ts';
import type { GroupWriting } from '../arcgis/writing/group-writing.ts';
import type { ServiceWriting } from '../arcgis/writing/service-writing.ts';
import type { Writing } from '../arcgis/writing/writing.ts';
import type { Log } from '../monitor/log.ts';
import type { Ping } from '../monitor/ping.ts';
import type { Deps } from '../run/deps.ts';

/** The portal as the account that restores sees it, and what it may change there. */
export interface Restorer {
  /** its root */
  url: string;
  portal: Portal;
  writing: Writing;
  services: ServiceWriting;
  groups: GroupWriting;
  /** does the setting name a portal of its own, so that another organization is meant? */
  isOwnPortal: boolean;
}

/** What a restore talks to: the archive and the account of the backup, which reads, and the account that restores. */
export interface RestoreDeps {
  run: Deps;
  /** signs in, once; throws RESTORE_ACCOUNT */
  restorer: () => Promise<Restorer>;
  log: Log;
  /** tells the outside world how a drill goes */
  drillPing: (restoreId: string) => Promise<Ping>;
}
