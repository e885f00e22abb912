import type { Item } from './item.ts';

/**
 * Our own temporary exports. Whatever the portal shows of an item others may have written, so nothing is ever deleted
 * there but what an intent stands for, which was written down in the store before the export began.
 */

/** An export that is to be started, or was. */
export interface Intent {
  /** 40 random hex digits; in the title of the export, so that nobody can know it beforehand */
  name: string;
  runId: string;
  /** of the exported service */
  itemId: string;
  /** under whose names the export may be made */
  owners: readonly string[];
  /** the export is younger; epoch ms by the portal's clock */
  after: number;
  /** the commit that the archive had then: no older one can hold the export; null = none */
  base: string | null;
  /** what the portal said that it makes; missing until it answers */
  exportItemId?: string | undefined;
}

/** On every temporary export, where the portal keeps tags. For people: nothing is decided by it. */
export const exportTag = 'ago-backup-temporary';

const beginning = 'ago-backup temporary export ';

/** The title of the export that an intent of this name stands for. */
export function exportTitle(name: string): string {
  return `${beginning}${name}`;
}

/** The intent that a title claims to belong to. */
export function claimIn(title: string | null): string | undefined {
  return /^ago-backup temporary export ([0-9a-f]{40})$/.exec(title ?? '')?.[1];
}

/** Would a person take it for a temporary export of ago-backup, of any archive or version? Members can make it look so. */
export function looksTemporary({ title, tags }: Pick<Item, 'title' | 'tags'>): boolean {
  return (title ?? '').toLowerCase().startsWith(beginning) || tags.includes(exportTag);
}

/** What exports become (arcgis-rest.md 6.1). */
const exportTypes = new Set(['File Geodatabase', 'CSV', 'CSV Collection']);

/** Is this item what the intent stands for? The title must be so to the letter, and the id as well where it is known. */
export function isMeant(intent: Intent, item: Pick<Item, 'id' | 'owner' | 'title' | 'type' | 'created'>): boolean {
  const { name, owners, after, exportItemId } = intent;
  const isOwned = owners.some((owner) => owner.toLowerCase() === item.owner.toLowerCase());
  const isKnown = exportItemId === undefined ? isOwned : exportItemId === item.id;
  return isKnown && item.title === exportTitle(name) && exportTypes.has(item.type) && item.created > after;
}

/** ms; the portal's clock and ours may differ by so much */
const tolerance = 600_000;

/**
 * What an export that is started now is younger than: the newest of what its owner's listing showed, for that is by the
 * portal's own clock. But not later than now, since a portal whose clock was wrong for a while has items of the future.
 * @param newest epoch ms; @param now epoch ms, by our clock
 */
export function olderThanExport(newest: number, now: number): number {
  return Math.min(newest, now - tolerance);
}
