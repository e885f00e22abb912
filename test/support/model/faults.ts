import type { Strike } from '../stores/strikes.ts';
import type { FaultAnswer, Match } from '../portal/faults.ts';
import { listingFault, type ListingFault } from '../portal/listing-faults.ts';
import type { Organization } from '../portal/organization.ts';

const refusal: FaultAnswer = { error: { code: 403, messageCode: 'GWM_0003', message: 'You do not have permissions' } };
const internal: FaultAnswer = { error: { code: 500, message: 'Internal error' } };

/** What goes wrong at the portal during a night: where, how, how often; `run`: where it may cost the whole run. */
export const faults: readonly (readonly [Match, FaultAnswer, number, 'run'?])[] = [
  [/content\/users\/ana(\/[0-9a-f]{32})?$/, refusal, Infinity],
  [/content\/users\/ben$/, '429-in-200', 2],
  [/content\/users/, '429', 3],
  [/content\/users/, 'half', 2],
  [/content\/users/, { cutAfter: 50 }, 2],
  [/\/data$/, 'reset', 3],
  [/\/data$/, 'html', Infinity],
  [/\/layers$/, 'half', 2],
  [/\/data$/, { cutAfter: 3 }, 2],
  [/\/data$/, { status: 503, headers: { 'Retry-After': '20' } }, 7],
  [/\/data$/, { drip: 400_000 }, 3],
  [/\/layers$/, { status: 503 }, Infinity],
  [/\/layers$/, 'html', 2],
  [/\/export$/, refusal, Infinity],
  [/\/export$/, { cutAfter: 10 }, 1],
  [/\/export$/, { status: 503 }, 2],
  [/\/status$/, internal, 2],
  [/\/status$/, { edit: () => ({ status: 'failed', statusMessage: 'no' }) }, 1],
  [/\/delete$/, { error: { code: 500, message: 'Unable to delete item' } }, Infinity],
  [/\/delete$/, { cutAfter: 5 }, 2],
  [/portals\/self\/users/, { edit: (page) => ({ ...page, total: 99 }) }, 1, 'run'],
  [/portals\/self\/users/, { edit: withoutLast }, 1, 'run'],
  [/community\/self$/, 'half', 1, 'run'],
  [/content\/users/, { edit: (page) => ({ ...page, items: [], total: 0, nextStart: -1 }) }, 1],
  [/content\/items\/[0-9a-f]+$/, internal, Infinity],
  [/content\/items\/[0-9a-f]+$/, { status: 503 }, 3],
  [/users\/[^/]+\/items\/[0-9a-f]+$/, 'reset', 6],
  [/./, 'expiredToken', 4, 'run'],
  [/./, 'reset', 6, 'run'],
  [/./, { status: 429 }, 6, 'run'],
  // Not of info files, whose size nobody tells: half of one is not promised to be found out (docs/guarantees.md).
  [/^(?!.*\/info\/)/, 'half', 1, 'run'],
  [/./, { delay: 100_000 }, 3, 'run'],
  [/generateToken/, { status: 503 }, 2, 'run'],
  [/community\/groups/, refusal, Infinity],
  [/community\/groups/, 'html', 2],
  [/resources$/, 'reset', 1],
  [/relatedItems$/, internal, 2],
  [/\/(data|resources\/.+)$/, 'half', Infinity],
  [/\/resources\/.+$/, { status: 200, body: '' }, Infinity],
  [/\/resources$/, { edit: (page) => withOtherSizes(page, 'resources') }, Infinity],
  [/\/resources$/, internal, Infinity],
  [/content\/users/, { edit: (page) => withOtherSizes(page, 'items') }, Infinity],
  [/\/info\//, { status: 500 }, Infinity],
  // A part of a service: one layer, its rows, an attachment, or all of it.
  [/FeatureServer/, { status: 503 }, Infinity],
  [/FeatureServer/, { error: { code: 400, message: 'Invalid URL' } }, Infinity],
  [/FeatureServer\/(layers|1)$/, internal, Infinity],
  [/FeatureServer\/\d+\/query$/, internal, Infinity],
  [/FeatureServer\/0\/query$/, { status: 503 }, 7],
  [/attachments/, internal, Infinity],
  [/attachments\/\d+$/, { status: 404 }, Infinity],
  // Odd records: what is of another type than documented.
  [/content\/users/, { edit: (page) => withOdd(page, ({ size }) => ({ size: String(size), tags: 'a, b' })) }, Infinity],
  [/content\/users/, { edit: (page) => withOdd(page, () => ({ modified: null, typeKeywords: null })) }, Infinity],
  [/content\/users/, { edit: (page) => withOdd(page, () => ({ ownerFolder: 'f'.repeat(32), title: 7 })) }, 1],
  // Odd lists: one entry is none, or the total is off.
  [/\/resources$/, { edit: (page) => withOddEnd(page, 'resources') }, Infinity],
  [/\/(resources|roles)$/, { edit: (page) => ({ ...page, total: Number(page['total']) + 1 }) }, Infinity],
  [/\/attachments$/, { edit: (page) => withOddEnd(page, 'attachmentInfos') }, Infinity],
  [/queryAttachments$/, { edit: (page) => withOddEnd(page, 'attachmentGroups') }, Infinity],
  [/content\/groups\//, { edit: (page) => withOddEnd(page, 'items') }, Infinity],
  [/groups\/\w+\/users$/, { edit: (page) => withOddEnd(page, 'users') }, Infinity],
];

/** Of a list the last entry cannot be read. */
function withOddEnd(page: Record<string, unknown>, list: string): unknown {
  const all = page[list];
  return Array.isArray(all) ? { ...page, [list]: [...(all as unknown[]).slice(0, -1), null] } : page;
}

/** Some of the items on a page are told oddly. */
function withOdd(page: Record<string, unknown>, odd: (item: Record<string, unknown>) => object): unknown {
  const all = page['items'];
  if (!Array.isArray(all)) return page;
  const items = all as Record<string, unknown>[];
  return { ...page, items: items.map((item, n) => (n % 2 === 0 ? { ...item, ...odd(item) } : item)) };
}

function withOtherSizes(page: Record<string, unknown>, list: string): unknown {
  const all = page[list];
  if (!Array.isArray(all)) return page;
  return { ...page, [list]: (all as { size: number }[]).map((each) => ({ ...each, size: each.size + 1 })) };
}

// A list of members that adds up, and lacks one.
function withoutLast(page: Record<string, unknown>): unknown {
  const users = (page['users'] as unknown[]).slice(0, -1);
  return { ...page, users, total: users.length };
}

const listings: readonly ListingFault[] = [
  'insertBetweenPages',
  'deleteBetweenPages',
  'wrongTotal',
  'duplicate',
  'empty',
];

/** One of the ways in which listings go wrong, by number; some change what the portal holds. */
export function listingFaultOf(org: Organization, n: number) {
  return listingFault(org, listings[n % listings.length] ?? 'empty', undefined, n % 2 === 0 ? 1 : 4);
}

/** What goes wrong at the store. */
export const storeFaults: readonly Strike[] = [
  { fault: 'before' },
  { fault: 'after' },
  { times: 5, fault: 'before' },
  { times: 5, fault: 'after' },
  { times: 14, fault: 'before' },
  { verb: 'put', name: /refs|objects|config|HEAD/, times: 5, fault: 'after' },
  { verb: 'put', name: /^ago-backup\/runs\/[^/]+\.json$/, times: 5, fault: 'after' },
  { verb: 'put', name: /^ago-backup\/runs\/[^/]+\.json$/, times: 5, fault: 'before' },
  { verb: 'putStream', times: 2, fault: 'halfway' },
  { verb: 'putStream', times: 2, fault: 'after' },
  { verb: 'stream', times: 2, fault: 'halfway' },
  { verb: 'list', times: 2, fault: 'halfway' },
  { verb: 'delete', times: 9, fault: 'before' },
  { verb: 'copy', times: 3, fault: 'after' },
  { times: 30, fault: { slow: 30_000 } },
  { verb: 'list', times: 2, fault: { stale: 3 } },
];
