import { z } from 'zod';
import type { Folder, Item } from '../../backup/item.ts';
import { BackupError } from '../../errors.ts';
import type { Client } from '../connection/client.ts';
import { PortalError } from '../connection/portal-error.ts';
import { folderSchema, itemSchema } from './item.ts';
import { refuseEndless } from '../connection/list-bounds.ts';
import { segment } from '../connection/segment.ts';
import { beginListing, nextPlace, restartListing, takePage, type Page, type ListingCursor } from './listing-cursor.ts';

const pageSchema = z.looseObject({
  total: z.number(),
  nextStart: z.number(),
  items: z.array(itemSchema),
  folders: z.array(folderSchema).nullish(),
});

const mostRestarts = 3;
/** Each may take a request of its own; members have dozens. */
const mostFolders = 10_000;

/**
 * What a member has deleted and could still restore: the first hundred, which is enough to find exports of ours. A portal
 * without a recycle bin answers with the ordinary listing.
 */
export async function readRecycleBin(client: Client, username: string): Promise<Item[]> {
  const path = `/content/users/${segment(username)}`;
  const params = { inRecycleBin: true, start: 1, num: 100 };
  const { items } = await client.json(pageSchema, { path, params, what: `The recycle bin of ${username}` });
  return items;
}

/** What one step of a listing gave: items, or that all which was given before is void because the listing changed. */
export type Step = { items: Item[] } | 'again' | 'end';

/**
 * A member's whole content, a page at a time: outside any folder and in every folder. It ends only when every `total` of
 * the portal is reached, no item came twice and no total moved; else it begins anew, three times at most.
 * https://developers.arcgis.com/rest/users-groups-and-items/user-content/
 */
export class Listing {
  readonly #client: Client;
  readonly #username: string;
  readonly #learn: () => void;
  #walk: ListingCursor;

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
    this.#learn = learn;
    this.#walk = saved ?? beginListing(byFolder);
  }

  /** Where it is, as plain data; a later listing can go on from it. */
  get state(): ListingCursor {
    return this.#walk;
  }

  /** The folder of an item; throws when the portal has not listed it. */
  folderOf({ ownerFolder }: Item): Folder | undefined {
    return this.#walk.folders.find(({ id }) => id === ownerFolder);
  }

  /** The next page. Throws LISTING_INCOMPLETE, PORTAL_REFUSED, PORTAL_ANSWER when there is no end, and what `Client.json` throws. */
  async next(): Promise<Step> {
    const place = nextPlace(this.#walk);
    if (place === undefined) return 'end';
    const page = await this.#read(place);
    this.#refuseEndless(page);
    const taken = this.#isOurs(page) ? takePage(this.#walk, page) : restartListing(this.#walk);
    if (taken.walk.byFolder && !this.#walk.byFolder) this.#learn();
    this.#walk = taken.walk;
    if (taken.walk.restarts > mostRestarts) throw incomplete(this.#username);
    return taken.again ? 'again' : { items: [...page.items] };
  }

  #refuseEndless({ total, items, folders }: Page): void {
    const what = `The content of ${this.#username}`;
    const { pages, here, all } = this.#walk;
    refuseEndless(what, { total, entries: here + items.length, pages: pages + 1 });
    refuseEndless(what, { total: all + items.length, entries: 0, pages: 1 });
    if (folders.length <= mostFolders) return;
    throw new PortalError('PORTAL_ANSWER', `${what}: the portal lists ${folders.length} folders.`);
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
    const what = `The content of ${this.#username}`;
    const { total, nextStart, items, folders } = await this.#client.json(pageSchema, { path, params, what });
    return {
      total,
      nextStart,
      folders: folders ?? [],
      items: items.map((item) => placed(item, folderId, this.#username)),
    };
  }

  /** Items of somebody else in this listing mean that an item changed hands while it was read, or a wrong answer. */
  #isOurs({ items, folders }: Page): boolean {
    const known = new Set([...this.#walk.folders, ...folders].map(({ id }) => id));
    return items.every(
      ({ owner, ownerFolder }) =>
        owner.toLowerCase() === this.#username.toLowerCase() && (ownerFolder === null || known.has(ownerFolder)),
    );
  }
}

// A folder's listing may leave out in which folder its items are, and a record may spell its owner in other letter case than
// the list of members does, which means the same.
function placed(item: Item, folderId: string | null, username: string): Item {
  const owner = item.owner.toLowerCase() === username.toLowerCase() ? username : item.owner;
  const ownerFolder = folderId ?? item.ownerFolder;
  return owner === item.owner && ownerFolder === item.ownerFolder ? item : { ...item, owner, ownerFolder };
}

function incomplete(username: string): BackupError {
  return new BackupError('LISTING_INCOMPLETE', `The content of ${username} changed each time it was read.`);
}
