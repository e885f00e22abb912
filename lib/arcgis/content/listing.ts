import { z } from 'zod';
import type { Folder, Item } from '../../backup/item.ts';
import { oneLine } from '../../backup/words.ts';
import { endsRun, type BackupError } from '../../errors.ts';
import type { Client } from '../connection/client.ts';
import { readCount, readList, readNextStart } from '../connection/fields.ts';
import { PortalError } from '../connection/portal-error.ts';
import { mostEntries, refuseEndless } from '../connection/list-bounds.ts';
import { segment } from '../connection/segment.ts';
import { lackingIn } from '../connection/troubles.ts';
import { readFolder, readRecord } from './item.ts';
import {
  beginListing,
  isLastTry,
  nextPlace,
  restartListing,
  skipPlace,
  takePage,
  type ListingCursor,
  type Page,
  type Taken,
  type Walk,
} from './listing-cursor.ts';

const pageSchema = z.looseObject({ items: z.array(z.unknown()).nullish() });

/** Each may take a request of its own; members have dozens. */
const mostFolders = 10_000;

/**
 * What a member has deleted and could still restore: the first hundred, which is enough to find exports of ours. A portal
 * without a recycle bin answers with the ordinary listing.
 */
export function readRecycleBin(client: Client, username: string): Promise<Item[]> {
  const params = { inRecycleBin: true, start: 1, num: 100 };
  return readFirst(client, username, params, `The recycle bin of ${username}`);
}

/** A member's newest items outside any folder, where exports lie (arcgis-rest.md 6.1): at most 100. */
export function readNewest(client: Client, username: string): Promise<Item[]> {
  const params = { start: 1, num: 100, sortField: 'created', sortOrder: 'desc' };
  return readFirst(client, username, params, `The content of ${username}`);
}

/** One page, without what cannot be read of it. */
async function readFirst(
  client: Client,
  username: string,
  params: Record<string, string | number | boolean>,
  what: string,
): Promise<Item[]> {
  const { items } = await client.json(pageSchema, { path: `/content/users/${segment(username)}`, params, what });
  return (items ?? []).map((value) => readRecord(value, username)).filter((item) => typeof item === 'object');
}

/** What one step of a listing gave: items, or that all which was given before is void because the listing changed. */
export type Step = { items: readonly Item[] } | 'again' | 'end';

/**
 * A member's whole content, a page at a time: outside any folder and in every folder. Only when every `total` of the portal is
 * reached, no item came twice and no total moved is it whole; else it begins anew, twice at most, and then ends as it is, with
 * `lacking`. Entries that are no items are told there as well, and cost no others.
 * https://developers.arcgis.com/rest/users-groups-and-items/user-content/
 */
export class Listing {
  readonly #client: Client;
  readonly #username: string;
  readonly #what: string;
  readonly #learn: () => void;
  #walk: Walk;
  #folders: { of?: readonly Folder[]; byId: ReadonlyMap<string, Folder> } = { byId: new Map() };
  /** ids of the items that this walk gave */
  #seen: Set<string>;

  /**
   * @param learn called when the portal turns out to know no way but folder by folder
   * @param saved the `state` of an earlier listing that goes on here
   */
  constructor(
    client: Client,
    username: string,
    { byFolder, learn }: { byFolder: boolean; learn: () => void },
    saved?: ListingCursor,
  ) {
    this.#client = client;
    this.#username = username;
    this.#what = `The content of ${username}`;
    this.#learn = learn;
    const { seen = [], ...walk } = saved ?? {};
    this.#walk = { ...beginListing(byFolder), ...walk };
    this.#seen = new Set(seen);
  }

  /** Where it is, as plain data; a later listing can go on from it. */
  get state(): ListingCursor {
    return { ...this.#walk, seen: [...this.#seen] };
  }

  /** Has it given an item with this id? */
  hasSeen(id: string): boolean {
    return this.#seen.has(id);
  }

  /** Has it given nothing so far? */
  get isEmpty(): boolean {
    return this.#seen.size === 0;
  }

  /** Why what was read so far does not prove that there is nothing else; undefined when it does. */
  get lacking(): BackupError | undefined {
    return lackingIn(this.#what, this.#walk.troubles);
  }

  /** The folder of an item; undefined outside any, and when the portal has not listed it. */
  folderOf({ ownerFolder }: Item): Folder | undefined {
    if (ownerFolder === null) return undefined;
    const { folders } = this.#walk;
    // Found for every item, and there may be thousands of both.
    if (this.#folders.of !== folders)
      this.#folders = { of: folders, byId: new Map(folders.map((each) => [each.id, each])) };
    return this.#folders.byId.get(ownerFolder);
  }

  /** The next page. Throws PORTAL_REFUSED, PORTAL_ANSWER when there is no end, and what `Client.json` throws. */
  async next(): Promise<Step> {
    const place = nextPlace(this.#walk);
    if (place === undefined) return 'end';
    const taken = await this.#take(place);
    if (taken.walk.byFolder && !this.#walk.byFolder) this.#learn();
    this.#walk = taken.walk;
    if (taken.again) this.#seen = new Set();
    return taken.again ? 'again' : { items: taken.items };
  }

  async #take(place: { folderId: string | null; start: number }): Promise<Taken> {
    const page = await this.#readOr(place);
    if ('walk' in page) return page;
    this.#refuseEndless(page);
    // Time will tell whether the folders and owners were changed while they were read.
    const isSure = this.#walk.restarts > 0 || this.#isOurs(page);
    return isSure ? takePage(this.#walk, page, this.#seen) : restartListing(this.#walk);
  }

  /** A folder that the portal does not give costs no other: it went meanwhile, or is told. */
  async #readOr(place: { folderId: string | null; start: number }): Promise<Page | Taken> {
    try {
      return await this.#read(place);
    } catch (error) {
      if (place.folderId === null || !(error instanceof PortalError) || endsRun(error)) throw error;
      return isLastTry(this.#walk) ? skipPlace(this.#walk, error.message) : restartListing(this.#walk);
    }
  }

  #refuseEndless({ total, items, unread, folders }: Page): void {
    const { pages, here, all } = this.#walk;
    const entries = items.length + unread.length;
    refuseEndless(this.#what, { total, entries: here + entries, pages: pages + 1 });
    refuseEndless(this.#what, { total: all + entries, entries: 0, pages: 1 });
    if (folders.length <= mostFolders) return;
    throw new PortalError('PORTAL_ANSWER', `${this.#what}: the portal lists ${folders.length} folders.`);
  }

  async #read({ folderId, start }: { folderId: string | null; start: number }): Promise<Page> {
    const folder = folderId === null ? '' : `/${segment(folderId)}`;
    const path = `/content/users/${segment(this.#username)}${folder}`;
    const params = {
      start,
      num: 100,
      // New items come last, so that the pages before them stay what they were.
      sortField: 'created',
      sortOrder: 'asc',
      ...(folderId === null && !this.#walk.byFolder && { foldersContent: true }),
    };
    const answer = await this.#client.json(pageSchema, { path, params, what: this.#what });
    const total = readCount(answer['total'], mostEntries);
    const entries = answer.items ?? [];
    const nextStart = readNextStart(answer['nextStart'], { start, entries: entries.length, total });
    const read = entries.map((value, n) => this.#placed(value, folderId, start + n));
    const folders = readList(answer['folders'], readFolder, ({ id }) => id, 'folder');
    return {
      total,
      nextStart,
      items: read.filter((each) => typeof each === 'object'),
      unread: read.filter((each) => typeof each === 'string'),
      folders: folders.list,
      unreadFolders: folders.unread,
    };
  }

  /** An entry of the listing as an item of this member, or a sentence that says why it is none. */
  #placed(value: unknown, folderId: string | null, n: number): Item | string {
    const item = readRecord(value, this.#username);
    if (typeof item === 'string') return `entry ${n} ${item}, and was not saved`;
    if (this.#walk.restarts > 0 && !this.#isOwn(item)) {
      const { id, title, owner } = item;
      return `entry ${n}, ${oneLine(title ?? '', 60)} (${id}), belongs to ${oneLine(owner, 60)}, and was not saved here`;
    }
    // A folder's listing may leave out in which folder its items are, and a record may spell its owner in other letter case
    // than the list of members does, which means the same.
    const owner = this.#isOwn(item) ? this.#username : item.owner;
    return { ...item, owner, ownerFolder: folderId ?? item.ownerFolder };
  }

  #isOwn({ owner }: Item): boolean {
    return owner.toLowerCase() === this.#username.toLowerCase();
  }

  /** Items of somebody else in this listing mean that an item changed hands while it was read, or a wrong answer. */
  #isOurs({ items, folders }: Page): boolean {
    const known = new Set([...this.#walk.folders, ...folders].map(({ id }) => id));
    return items.every((item) => this.#isOwn(item) && (item.ownerFolder === null || known.has(item.ownerFolder)));
  }
}
