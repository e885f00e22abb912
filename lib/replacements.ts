import type { Timeouts } from './arcgis/connection/wire.ts';
import type { ArchiveNote } from './archive/last-archive.ts';
import type { Host } from './archive/runs/run-holder.ts';
import type { Clock } from './clock.ts';
import type { Environment } from './settings/table.ts';
import type { Deps } from './run/deps.ts';
import type { BlobStore } from './storage/blob-store.ts';
import type { ReadSecret } from './vault/secrets.ts';

/** What a test or the command puts in the place of the real thing; everything else is built from the settings. */
export interface Replacements {
  env?: Environment;
  clock?: Clock;
  fetch?: typeof globalThis.fetch;
  store?: BlobStore;
  /** beside the store: for what a run needs meanwhile */
  scratch?: BlobStore;
  vault?: ReadSecret;
  lastArchive?: ArchiveNote;
  host?: Host;
  /** whoever reaches the archive over HTTP may read it, as on the loopback address; else only with a key */
  isOpen?: boolean;
  /** hears which item a run begins */
  atWork?: NonNullable<Deps['atWork']>;
  /** no account of the portal is set: the archive can be looked at, and nothing is backed up */
  onlyLooks?: boolean;
  /** items of a restore that is planned while somebody waits for the answer */
  planAtOnce?: number;
  /** how long the portal may take to answer */
  timeouts?: Timeouts;
}
