import { json } from './answers.ts';
import type { Fault, Match } from './faults.ts';
import type { Organization } from './organization.ts';

/** What can go wrong with the pages of a member's content. */
export type ListingFault =
  /** an item appears at the front after a page was given: one is seen twice */
  | 'insertBetweenPages'
  /** an item of the page goes away after it was given: the next one is never seen */
  | 'deleteBetweenPages'
  /** `total` is one too high */
  | 'wrongTotal'
  /** the last of a page is the first again */
  | 'duplicate'
  /** a member who has items seems to have none */
  | 'empty';

interface Listing {
  username: string;
  total: number;
  items: { id: string }[];
}

function isListing(value: Record<string, unknown>): value is Record<string, unknown> & Listing {
  return Array.isArray(value['items']) && typeof value['username'] === 'string';
}

/** The fault that spoils a listing; `match` says which, by default the first page of any member's content. */
export function listingFault(org: Organization, kind: ListingFault, match?: Match, times = 1): Fault {
  const firstPage: Match = ({ path, query }) =>
    /\/content\/users\/[^/]+(\/[^/]+)?$/.test(path) && (query['start'] ?? '1') === '1';
  const change = (value: Record<string, unknown>) => {
    if (isListing(value)) spoil(org, kind, value);
    return value;
  };
  return { match: match ?? firstPage, times, answer: { edit: change } };
}

function spoil(org: Organization, kind: ListingFault, listing: Listing): void {
  const first = listing.items[0];
  if (kind === 'wrongTotal') listing.total += 1;
  if (kind === 'empty') Object.assign(listing, { items: [], total: 0, nextStart: -1 });
  if (first === undefined) return;
  if (kind === 'duplicate') listing.items[listing.items.length - 1] = first;
  if (kind === 'deleteBetweenPages') org.deleteItem(first.id);
  if (kind === 'insertBetweenPages') {
    const { owner, ownerFolder: folder } = org.item(first.id).record;
    org.addItem({ owner, folder, type: 'Web Map', title: `Came in at ${org.now}`, json: {}, first: true });
  }
}

/** An answer whose JSON was changed by a fault. */
export function edited(value: unknown, edit: (value: Record<string, unknown>) => unknown): ReturnType<typeof json> {
  return json(edit(structuredClone(value) as Record<string, unknown>));
}
