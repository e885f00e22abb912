import { lacksKeywords } from './record.ts';
import type { Item } from './item.ts';
import { note, type Note } from './notes.ts';

/** What of an item is fetched besides its record and metadata. */
export interface Format {
  /** its rows, as a temporary export */
  export: boolean;
  /** its rows, by queries, because it cannot be exported */
  query: boolean;
  /** is the edit date of its layers part of the stamp? */
  layers: boolean;
  /** said in `notes` of backup.json */
  note?: Note;
}

/**
 * Hosted feature layers carry this keyword; registered, federated and referenced services do not (arcgis-rest.md 6.4). One whose
 * record does not tell its keywords may be hosted: the service itself says whether it is the item's.
 */
export function isHosted(item: Item): boolean {
  if (item.type !== 'Feature Service') return false;
  return item.typeKeywords.includes('Hosted Service') || (lacksKeywords(item) && item.url !== null);
}

/** What to fetch of an item. Every item's data is asked for, whatever its type. */
export function formatOf(item: Item): Format {
  if (!isHosted(item)) return { export: false, query: false, layers: false };
  if (item.typeKeywords.includes('View Service')) {
    return {
      export: false,
      query: true,
      layers: true,
      note: note('VIEW_ROWS', 'Rows were read by queries: a view shows what its source holds.'),
    };
  }
  return { export: true, query: false, layers: true };
}

/** The name's ending for what the portal exported, by the type of the exported item. */
export function exportExtension(format: ExportFormat, contentType: string | undefined): string {
  return format === 'File Geodatabase' || contentType?.includes('zip') === true ? 'zip' : 'csv';
}

/** What hosted layers are exported as; CSV only where a service has nothing but tables and the geodatabase is refused. */
export type ExportFormat = (typeof exportFormats)[number];

/** All of them. */
export const exportFormats = ['File Geodatabase', 'CSV'] as const;
