import type { Folder, Item } from '../../backup/item.ts';
import { addTroubles, noTroubles, type Troubles } from '../connection/troubles.ts';

/** One page of a listing, as far as it could be read. */
export interface Page {
  /** undefined when the portal does not say */
  total: number | undefined;
  /** 0 or less after the last page */
  nextStart: number;
  items: readonly Item[];
  folders: readonly Folder[];
  /** entries that are no items of this member, each a sentence */
  unread: readonly string[];
  /** what of the list of folders could not be read, each a sentence */
  unreadFolders: readonly string[];
}

/** Where the listing of one member's content is. */
export interface Walk {
  /** every folder on its own, instead of all folders together with the root */
  byFolder: boolean;
  /** known after the first page of the root */
  folders: readonly Folder[];
  /** 0 = root, 1 = first folder, …; beyond the last = at the end */
  place: number;
  start: number;
  /** of the place that is being read */
  total: number | null;
  /** of the root, for a portal whose root counts the folders as well */
  rootTotal: number;
  /** pages and entries of this place so far */
  pages: number;
  here: number;
  /** entries outside any folder, and all, so far */
  inRoot: number;
  all: number;
  restarts: number;
  /** why the listing does not prove that there is nothing else */
  troubles: Troubles;
}

/** The same as plain data, with the ids that it gave so far: it is kept in a blob between two activities. */
export interface ListingCursor extends Walk {
  seen: readonly string[];
}

/** The walk after a page; `again` = it began anew, so everything that was read before is void. */
export interface Taken {
  walk: Walk;
  again: boolean;
  /** of the page, those that were not seen before */
  items: readonly Item[];
}

/** So often a listing that does not close is read again; the last one is taken as it is. */
const mostRestarts = 2;

/** A walk that has read nothing yet. */
export function beginListing(byFolder: boolean, restarts = 0): Walk {
  const counts = { pages: 0, here: 0, inRoot: 0, all: 0, rootTotal: 0 };
  return {
    byFolder,
    folders: [],
    place: 0,
    start: 1,
    total: null,
    ...counts,
    restarts,
    troubles: noTroubles,
  };
}

/** The page to ask for next, or undefined at the end. `folderId` null = the root. */
export function nextPlace({ place, start, folders }: Walk): { folderId: string | null; start: number } | undefined {
  if (place === 0) return { folderId: null, start };
  const folder = folders[place - 1];
  return folder && { folderId: folder.id, start };
}

/** Is it the last time that this is read, so that what does not fit is told and passed over? */
export function isLastTry({ restarts }: Pick<Walk, 'restarts'>): boolean {
  return restarts >= mostRestarts;
}

/** Begins anew after the portal gave something that does not fit. */
export function restartListing({ byFolder, restarts }: Walk): Taken {
  return { walk: beginListing(byFolder, restarts + 1), again: true, items: [] };
}

/**
 * Takes in the page that `nextPlace` asked for. What does not fit to what was read before begins anew, or at last is told.
 * @param seen ids of the walk so far; those of the page are added, for a copy of all for each page would be quadratic
 */
export function takePage(walk: Walk, page: Page, seen: Set<string>): Taken {
  const items = page.items.filter(({ id }) => seen.size !== seen.add(id).size);
  const doubles = page.items.length - items.length;
  const isStuck = page.nextStart > 0 && page.nextStart <= walk.start;
  const hasMoved = walk.total !== null && page.total !== undefined && walk.total !== page.total;
  if ((doubles > 0 || hasMoved || isStuck) && !isLastTry(walk)) return restartListing(walk);
  const entries = page.items.length + page.unread.length;
  const folders = walk.place === 0 && walk.start === 1 ? page.folders : walk.folders;
  const known = new Set(folders.map(({ id }) => id));
  const next: Walk = {
    ...walk,
    folders,
    total: page.total ?? walk.total,
    start: page.nextStart,
    pages: walk.pages + 1,
    here: walk.here + entries,
    inRoot: walk.inRoot + entries - page.items.filter((item) => isIn(known, item)).length,
    all: walk.all + entries,
    troubles: addTroubles(walk.troubles, {
      unread: [...page.unread, ...page.unreadFolders],
      ...((doubles > 0 || hasMoved || isStuck) && { moved: true }),
    }),
  };
  const taken = page.nextStart > 0 && !isStuck ? { walk: next, again: false } : endPlace(next);
  return { ...taken, items: taken.again ? [] : items };
}

function isIn(folders: ReadonlySet<string>, { ownerFolder }: Item): boolean {
  return ownerFolder !== null && folders.has(ownerFolder);
}

/** Leaves out the rest of the place that is being read, for the portal does not give it. Only at the last try. */
export function skipPlace(walk: Walk, why: string): Taken {
  return { ...toNext({ ...walk, troubles: addTroubles(walk.troubles, { unread: [why] }) }), items: [] };
}

type Ended = Omit<Taken, 'items'>;
/** Counts that do not agree. */
type Counts = NonNullable<Troubles['counts']>;

function endPlace(walk: Walk): Ended {
  const ended = walk.place === 0 ? endRoot(walk) : endFolder(walk);
  if ('walk' in ended) return ended;
  if (!isLastTry(walk)) return restartListing(walk);
  return toNext({ ...walk, troubles: addTroubles(walk.troubles, { counts: ended }) });
}

/** To the first folder, or the next. A root that gave items of folders has given all of them. */
function toNext(walk: Walk): Ended {
  const isDone = walk.place === 0 && !walk.byFolder && walk.all > walk.inRoot;
  const place = isDone ? walk.folders.length + 1 : walk.place + 1;
  return { walk: { ...walk, place, start: 1, total: null, pages: 0, here: 0 }, again: false };
}

/**
 * At the end of the root. With all folders in it, its total must be the sum. A portal that does not know
 * `foldersContent` passes over it, and one that counts only the root cannot prove the folders: there each folder is
 * read on its own.
 */
function endRoot(walk: Walk): Ended | Counts {
  const { total, all, inRoot, byFolder } = walk;
  const hasFolders = walk.folders.length > 0;
  const wrong = { told: total, listed: all };
  if (total === null) return wrong;
  if (byFolder || (hasFolders && all === inRoot)) {
    const mayBe = hasFolders ? all <= total : all === total;
    return mayBe ? toNext({ ...walk, rootTotal: total }) : wrong;
  }
  if (all === total) return toNext(walk);
  return hasFolders && inRoot === total ? { walk: beginListing(true, walk.restarts), again: true } : wrong;
}

function endFolder(walk: Walk): Ended | Counts {
  const { total, here, all, inRoot, rootTotal } = walk;
  if (here !== total) return { told: total, listed: here };
  const isLast = walk.place === walk.folders.length;
  const closes = inRoot === rootTotal || all === rootTotal;
  return isLast && !closes ? { told: rootTotal, listed: all } : toNext(walk);
}
