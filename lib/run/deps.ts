import type { Portal } from '../arcgis/portal.ts';
import type { Clock } from '../clock.ts';
import type { Host } from '../archive/runs/run-holder.ts';
import type { Repository } from '../archive/repository.ts';
import type { Ping } from '../monitor/ping.ts';
import type { ArchiveNote } from '../archive/last-archive.ts';
import type { Lanes } from './lanes.ts';
import type { Settings } from '../settings/settings.ts';
import type { BlobStore } from '../storage/blob-store.ts';

/** What a run decides by, besides the portal and the archive: the settings that its steps may see. */
export type Rules = Pick<
  Settings,
  | 'skipTags'
  | 'skipTypes'
  | 'skipGroups'
  | 'users'
  | 'skipUsers'
  | 'partialPings'
  | 'concurrency'
  | 'exports'
  | 'exportTimeout'
  | 'lfsThreshold'
  | 'pruneLimit'
  | 'recheckDays'
  | 'warnRowsLost'
  | 'keepDays'
  | 'unknown'
>;

/** All that the steps of a run talk to. */
export interface Deps {
  rules: Rules;
  store: BlobStore;
  repository: Repository;
  /** kept outside of the store */
  lastArchive: ArchiveNote;
  clock: Clock;
  /** those of this worker */
  lanes: Lanes;
  /** 40 fresh hex digits */
  random: () => string;
  /** where runs of this process are made */
  host: () => Promise<Host>;
  /** ms after which a run that is not heard of is dead */
  silence: number;
  /** the restore for which this run saves what is there, which has claimed the archive */
  within?: string;
  /** its root, for messages */
  portalUrl: string;
  /** the portal, with the credentials of this run; may read the key vault */
  portal(runId: string): Promise<Portal>;
  /** the way to Healthchecks.io; may read the key vault */
  ping(runId: string): Promise<Ping>;
  /** the same for verifications */
  verifyPing(runId: string): Promise<Ping>;
  /** hears which item is begun, in this process only: log lines have no titles */
  atWork?: (item: { id: string; title: string | null }) => void;
}
