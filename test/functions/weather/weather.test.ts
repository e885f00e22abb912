import { after, before, test } from 'node:test';
import { skewed } from '../../support/stores/skewed.ts';
import { listingFault, type ListingFault } from '../../support/portal/listing-faults.ts';
import type { Organization } from '../../support/portal/organization.ts';
import { WeatherStation, type Weather } from '../../support/weather.ts';

/**
 * One whole run in each kind of bad weather: it ends as it should, loses nothing and removes nothing without proof; the next
 * run, in fine weather, makes the very tree of a run that was never disturbed.
 */

const station = new WeatherStation();
before(() => station.open());
after(() => station.portal.close());

const hour = 3_600_000;

const stores: Record<string, Weather> = {
  'one call fails before it took effect': { ends: 'complete', store: [{ skip: 20, fault: 'before' }] },
  'the branch moves, and the answer is lost': {
    ends: 'complete',
    store: [{ verb: 'put', name: /^refs\/heads\/main$/, fault: 'after' }],
  },
  'the list of packs is written, and the answer is lost': {
    ends: 'complete',
    store: [{ verb: 'put', name: /^objects\/info\/packs$/, fault: 'after' }],
  },
  'the run record is written, and the answer is lost': {
    ends: 'complete',
    store: [{ verb: 'put', name: /^ago-backup\/runs\/[^/]+\.json$/, fault: 'after' }],
  },
  'one call in ten fails before it took effect': { ends: 'complete', store: [{ rate: 0.1, fault: 'before' }] },
  'one call in ten fails after it took effect': { ends: 'complete', store: [{ rate: 0.1, fault: 'after' }] },
  'it is busy (429 or 503) for three calls in a row': {
    ends: 'complete',
    store: [{ skip: 30, times: 3, fault: 'before' }],
  },
  'it is busy (429 or 503) for the rest of the night': {
    ends: 'no record',
    store: [{ skip: 30, times: Infinity, fault: 'before' }],
  },
  'it is busy (429 or 503) once the branch has moved': {
    ends: 'no record',
    store: [{ verb: 'put', name: /^ago-backup\/runs\/[^/]+\.json$/, times: Infinity, fault: 'before' }],
  },
  'a large file breaks off on its way in': {
    ends: 'complete',
    store: [{ verb: 'putStream', name: /tmp/, fault: 'halfway' }],
  },
  'the pack breaks off on its way in': {
    ends: 'complete',
    store: [{ verb: 'putStream', name: /pack$/, fault: 'halfway' }],
  },
  'every large file breaks off on its way in': {
    ends: 'failed',
    codes: ['STORE_UNREACHABLE'],
    store: [{ verb: 'putStream', name: /tmp/, times: Infinity, fault: 'halfway' }],
  },
  'a body breaks off on its way out': { ends: 'complete', store: [{ verb: 'stream', fault: 'halfway' }] },
  'every listing breaks off once': { ends: 'complete', store: [{ verb: 'list', times: 2, fault: 'halfway' }] },
  'no listing knows what the last write made': {
    ends: 'failed',
    codes: ['COUNTS_MISMATCH'],
    store: [{ verb: 'list', times: Infinity, fault: { stale: 1 } }],
  },
  'every call takes ten seconds, and every piece of a body too': {
    ends: 'complete',
    store: [{ times: Infinity, fault: { slow: 10_000 } }],
  },
  'its clock is an hour ahead': { ends: 'complete', store: (store) => skewed(store, hour) },
  'its clock is an hour behind': { ends: 'complete', store: (store) => skewed(store, -hour) },
};

const data = /\/items\/[0-9a-f]{32}\/data$/;
const anas = /GET .*\/content\/users\/ana$/;
/** short, for a real clock measures them; what is late all the same is asked for again */
const impatient = { answer: 500, idle: 500 };
const often = { times: Infinity, rate: 0.1 };

function spoiledListing(kind: ListingFault, times = 1): NonNullable<Weather['portal']> {
  return ({ org }) => listingFault(org, kind, undefined, times);
}

/** To an account without rights, the portal says of others' items that they do not exist. */
function withoutFirst(page: Record<string, unknown>, org: Organization): unknown {
  org.admin.role = 'org_user';
  const items = (page['items'] as unknown[]).slice(1);
  return { ...page, items, total: items.length };
}

const portals: Record<string, Weather> = {
  '429 with Retry-After': { ends: 'complete', portal: () => ({ ...often, answer: '429' }) },
  '429 without Retry-After': { ends: 'complete', portal: () => ({ ...often, answer: { status: 429 } }) },
  '429 inside HTTP 200': { ends: 'complete', portal: () => ({ ...often, answer: '429-in-200' }) },
  '429 for every listing of a member': {
    ends: 'partial',
    codes: ['PORTAL_BUSY'],
    portal: () => ({ match: anas, times: Infinity, answer: '429' }),
  },
  '503 with Retry-After': {
    ends: 'complete',
    portal: () => ({ ...often, answer: { status: 503, headers: { 'Retry-After': '30' } } }),
  },
  '503 without Retry-After': { ends: 'complete', portal: () => ({ ...often, answer: { status: 503 } }) },
  '503 for everything': {
    ends: 'failed',
    codes: ['PORTAL_UNREACHABLE'],
    portal: () => ({ times: Infinity, answer: { status: 503 } }),
  },
  'connections that break before the answer': { ends: 'complete', portal: () => ({ ...often, answer: 'reset' }) },
  'connections that break in the middle of a body': {
    ends: 'complete',
    portal: () => ({ ...often, answer: { cutAfter: 100 } }),
  },
  'no answer, twice': {
    ends: 'complete',
    timeouts: impatient,
    portal: () => ({ match: data, times: 2, answer: 'hang' }),
  },
  'answers that drip for an hour': {
    ends: 'complete',
    portal: () => ({ match: /users|self|\/data$/, ...often, answer: { drip: hour / 4 } }),
  },
  'a web page for everything': {
    ends: 'failed',
    codes: ['PORTAL_ANSWER'],
    portal: () => ({ times: Infinity, answer: 'html' }),
  },
  'a web page for files': {
    ends: 'partial',
    codes: ['PORTAL_ANSWER'],
    portal: () => ({ match: data, times: Infinity, answer: 'html' }),
  },
  'now and then a web page': { ends: 'complete', portal: () => ({ ...often, answer: 'html' }) },
  'half a JSON document for every listing of a member': {
    ends: 'partial',
    codes: ['PORTAL_ANSWER'],
    portal: () => ({ match: anas, times: Infinity, answer: 'half' }),
  },
  'half of every file': {
    ends: 'partial',
    codes: ['ITEM_DAMAGED'],
    portal: () => ({ match: data, times: Infinity, answer: 'half' }),
  },
  'now and then half an answer': {
    ends: 'complete',
    portal: () => ({ ...often, match: /\/self$|users/, answer: 'half' }),
  },
  'a listing that grows between its pages': {
    ends: 'complete',
    alters: true,
    portal: spoiledListing('insertBetweenPages'),
  },
  'a listing that grows between its pages each time': {
    ends: 'partial',
    codes: ['LISTING_INCOMPLETE'],
    alters: true,
    portal: spoiledListing('insertBetweenPages', Infinity),
  },
  'a listing that shrinks between its pages': {
    ends: 'complete',
    alters: true,
    portal: spoiledListing('deleteBetweenPages'),
  },
  'a listing that holds an item twice': { ends: 'complete', portal: spoiledListing('duplicate') },
  'a total that lies once': { ends: 'complete', portal: spoiledListing('wrongTotal') },
  'totals that lie': {
    ends: 'partial',
    codes: ['COUNTS_MISMATCH', 'LISTING_INCOMPLETE'],
    portal: spoiledListing('wrongTotal', Infinity),
  },
  // Nothing new of hers can be seen then; what the archive has of her is alive, and kept.
  'a member who seems to have nothing': {
    ends: 'partial',
    isBlind: true,
    portal: ({ org }) => listingFault(org, 'empty', /content\/users\/cleo$/, Infinity),
  },
  // PRUNE_LIMIT
  'members who all seem to have nothing': { ends: 'partial', portal: spoiledListing('empty', Infinity) },
  'an item that disappears between listing and download': {
    ends: 'partial',
    codes: ['ITEM_GONE'],
    alters: true,
    portal: ({ org }) => {
      const { id } = org.addItem({ owner: 'ana', type: 'Web Map', title: 'Short', json: {} }).record;
      return { match: /content\/users\/cleo$/, answer: { after: () => org.deleteItem(id) } };
    },
  },
  'an export that is not known to its own portal': {
    ends: 'partial',
    codes: ['PORTAL_ERROR'],
    portal: () => ({
      match: /\/status$/,
      times: Infinity,
      answer: { error: { code: 500, message: 'Internal error' } },
    }),
  },
  'an export whose progress is a web page': {
    ends: 'partial',
    codes: ['PORTAL_ANSWER'],
    portal: () => ({ match: /\/status$/, times: Infinity, answer: 'html' }),
  },
  'an export whose start got no answer': {
    ends: 'complete',
    portal: () => ({ match: /\/export$/, answer: { cutAfter: 10 } }),
  },
  'tokens that die in the middle': {
    ends: 'complete',
    portal: ({ tokens }) => ({ match: data, answer: { after: () => tokens.expireAll() } }),
  },
  'tokens that are refused now and then, new ones as well': {
    ends: 'complete',
    portal: () => ({ match: /items|self$/, times: Infinity, rate: 0.2, answer: 'expiredToken' }),
  },
  'an account that loses its rights while items are saved': {
    ends: 'failed',
    codes: ['AUTH_PRIVILEGE'],
    portal: ({ org }) => ({ match: data, skip: 2, answer: { after: () => void (org.admin.role = 'org_user') } }),
    mend: ({ org }) => void (org.admin.role = 'org_admin'),
  },
  'an account that loses its rights after a listing that lacks an item': {
    ends: 'failed',
    codes: ['AUTH_PRIVILEGE'],
    portal: ({ org }) => ({ match: /content\/users\/cleo$/, answer: { edit: (page) => withoutFirst(page, org) } }),
    mend: ({ org }) => void (org.admin.role = 'org_admin'),
  },
};

for (const [name, weather] of Object.entries(stores)) test(`the store: ${name}`, (t) => station.endure(t, weather));
for (const [name, weather] of Object.entries(portals)) test(`the portal: ${name}`, (t) => station.endure(t, weather));
