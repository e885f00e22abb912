import type { Clock } from '../../../lib/clock.ts';
import type { Content } from './content.ts';
import type { Jobs } from './jobs.ts';
import type { Organization } from './organization.ts';
import type { Tokens } from './tokens.ts';
import type { WriteRules } from './write-rules.ts';

/** Behaviours of the real portal that differ from place to place or are unknown; a test may change them at any time. */
export interface Behaviour {
  /** is foldersContent=true honoured? Otherwise it is ignored, as by older portals. Default true */
  foldersContent: boolean;
  /** what `total` of a member's root listing counts. Default root */
  rootTotal: 'root' | 'all';
  /** item data above this many bytes answers with a redirect to the storage origin. Default 8,192 */
  redirectAbove: number;
  /** what community/self answers to the token of an app. Default user */
  selfForApps: 'user' | 'error';
  /** ms by which the clock that dates tokens is ahead */
  tokenClock: number;
  /** anonymous listings are valid and empty instead of 499. Default false */
  silentAnonymous: boolean;
  /** longest life of a token in minutes. Default 15 days */
  tokenMinutes: number;
  /** every request waits so many ms. Default 0 */
  latency: number;
  /** where a service says to which item it belongs; older servers do not say it. Default everywhere */
  serviceItemIds: 'everywhere' | 'root' | 'nowhere';
  /** does it put the token of whoever asks in the place of `tokenMark`, wherever that stands? Default false */
  echoes: boolean;
  /** entries on one page of a listing. Default 100 */
  mostOnPage: number;
}

/** As long as a token of this portal. */
export const tokenMark = `{token${'.'.repeat(60)}}`;

/** What all routes share. */
export interface State {
  org: Organization;
  clock: Clock;
  behaviour: Behaviour;
  tokens: Tokens;
  jobs: Jobs;
  /** what differs, where things are changed */
  writing: WriteRules;
  /** resources that were added so far, also those that were lost */
  added: number;
  /** jobs of services, by their id: answers before the end, and the end */
  serviceJobs: Map<string, { polls: number; result: object }>;
  /** files that were sent to services, for a later call */
  uploads: Map<string, { name: string; content: Content }>;
  /** ids of items that were made through the API */
  made: Set<string>;
  /** addresses of the servers, without a slash at the end */
  url: string;
  storageUrl: string;
  foreignUrl: string;
  leaks: string[];
  /** the token that came last */
  heard: string;
  /** what a signed address of the storage origin leads to, by its signature, until it was used */
  signed: Map<string, { content: Content; name: string | null }>;
  /** ids of all items that exports made or that bear the tag of such, also of those deleted since */
  exported: Set<string>;
}

/** How the portal behaves when a test says nothing. */
export const usual: Behaviour = {
  foldersContent: true,
  rootTotal: 'root',
  redirectAbove: 8192,
  selfForApps: 'user',
  tokenClock: 0,
  silentAnonymous: false,
  tokenMinutes: 15 * 24 * 60,
  latency: 0,
  serviceItemIds: 'everywhere',
  echoes: false,
  mostOnPage: 100,
};
