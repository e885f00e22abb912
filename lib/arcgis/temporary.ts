import type { Item } from '../backup/words.ts';

/** The mark of our own temporary exports: members see it as a title, and the next run finds it by it. */

/** What the title of a temporary export says. */
export interface Mark {
  /** eight hex digits that tell one archive from another */
  store: string;
  /** of the exported service */
  itemId: string;
  runId: string;
}

/** On every temporary export, beside its title. */
export const exportTag = 'ago-backup-temporary';

/** The title: unique, so that the portal refuses no second export of the same service. */
export function exportTitle({ store, itemId, runId }: Mark): string {
  return `ago-backup temporary export ${store} ${itemId} ${runId}`;
}

const pattern = /^ago-backup temporary export ([0-9a-f]{8}) ([0-9A-Za-z]+) ([0-9a-f-]{36})$/;
const exportTypes = new Set(['File Geodatabase', 'CSV', 'CSV Collection']);

/** The mark of a temporary export of ago-backup, of any archive; undefined for every other item. */
export function markOf({ title, type, tags }: Pick<Item, 'title' | 'type' | 'tags'>): Mark | undefined {
  if (!exportTypes.has(type) || !tags.includes(exportTag)) return undefined;
  const found = pattern.exec(title ?? '');
  if (!found) return undefined;
  const [, store = '', itemId = '', runId = ''] = found;
  return { store, itemId, runId };
}
