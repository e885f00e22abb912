import type { Portal } from '../../arcgis/portal.ts';
import type { Found } from '../../backup/found.ts';
import type { TemporaryExport } from './export/take-export.ts';
import type { ItemParts } from './item-parts.ts';
import type { ExportTrouble } from './item-result.ts';
import type { ItemDeps } from './stage-part.ts';

/** What the parts of one item are fetched with. */
export interface Fetching {
  deps: ItemDeps;
  portal: Portal;
  found: Found;
  runId: string;
  /** takes in what is fetched, stays or lacks */
  into: ItemParts;
  /** the export of its layers that lies in the portal */
  exported?: TemporaryExport | undefined;
  /** why its rows are read by queries in place of an export */
  instead?: ExportTrouble | undefined;
}

/**
 * Fetches one kind of part, where the item has it: asks, stages what comes, and lets stay what is not asked for or not told.
 * Throws what costs the item: trouble with its data, and what ends the run.
 */
export type Fetcher = (fetching: Fetching) => Promise<void>;
