import type { Folder, Item } from '../../backup/item.ts';

/** One page of a listing, as the portal gave it. */
export interface Page {
  total: number;
  /** 0 or less after the last page */
  nextStart: number;
  items: readonly Item[];
  folders: readonly Folder[];
}

/** Where the listing of one member's content is. Plain data: it is kept in a blob between two activities. */
export interface ListingCursor {
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
  /** pages and items of this place so far */
  pages: number;
  here: number;
  /** items outside any folder, and all, so far */
  inRoot: number;
  all: number;
  seen: readonly string[];
  restarts: number;
}

/** The walk after a page; `again` = it began anew, so everything that was read before is void. */
export interface Taken {
  walk: ListingCursor;
  again: boolean;
}

/** A walk that has read nothing yet. */
export function beginListing(byFolder: boolean, restarts = 0): ListingCursor {
  const counts = { pages: 0, here: 0, inRoot: 0, all: 0, rootTotal: 0 };
  return { byFolder, folders: [], place: 0, start: 1, total: null, ...counts, seen: [], restarts };
}

/** The page to ask for next, or undefined at the end. `folderId` null = the root. */
export function nextPlace({
  place,
  start,
  folders,
}: ListingCursor): { folderId: string | null; start: number } | undefined {
  if (place === 0) return { folderId: null, start };
  const folder = folders[place - 1];
  return folder && { folderId: folder.id, start };
}

/** Begins anew after the portal gave something that does not fit. */
export function restartListing({ byFolder, restarts }: ListingCursor): Taken {
  return { walk: beginListing(byFolder, restarts + 1), again: true };
}

/** Takes in the page that `nextPlace` asked for, or begins anew when it does not fit to what was read before. */
export function takePage(walk: ListingCursor, page: Page): Taken {
  const seen = new Set(walk.seen);
  const isDouble = page.items.some(({ id }) => seen.size === seen.add(id).size);
  const hasMoved = walk.total !== null && walk.total !== page.total;
  const isStuck = page.nextStart > 0 && page.nextStart <= walk.start;
  if (isDouble || hasMoved || isStuck) return restartListing(walk);
  const next: ListingCursor = {
    ...walk,
    folders: walk.place === 0 && walk.start === 1 ? page.folders : walk.folders,
    total: page.total,
    start: page.nextStart,
    pages: walk.pages + 1,
    here: walk.here + page.items.length,
    inRoot: walk.inRoot + page.items.filter(({ ownerFolder }) => ownerFolder === null).length,
    all: walk.all + page.items.length,
    seen: [...seen],
  };
  if (page.nextStart > 0) return { walk: next, again: false };
  return walk.place === 0 ? endRoot(next, page.total) : endFolder(next, page.total);
}

/**
 * At the end of the root. With all folders in it, its total must be the sum. A portal that does not know
 * `foldersContent` passes over it, and one that counts only the root cannot prove the folders: there each folder is
 * read on its own.
 */
function endRoot(walk: ListingCursor, total: number): Taken {
  const hasFolders = walk.folders.length > 0;
  const isWhole = walk.all === total;
  const hasAll = !walk.byFolder && (walk.all > walk.inRoot || !hasFolders);
  if (hasAll && isWhole) return { walk: { ...walk, place: walk.folders.length + 1 }, again: false };
  if (hasAll && walk.inRoot === total) return { walk: beginListing(true, walk.restarts), again: true };
  if (!hasFolders || walk.all > total) return restartListing(walk);
  return { walk: { ...walk, rootTotal: total, place: 1, start: 1, total: null, pages: 0, here: 0 }, again: false };
}

function endFolder(walk: ListingCursor, total: number): Taken {
  if (walk.here !== total) return restartListing(walk);
  const next = { ...walk, place: walk.place + 1, start: 1, total: null, pages: 0, here: 0 };
  const isLast = next.place > walk.folders.length;
  const closes = walk.inRoot === walk.rootTotal || walk.all === walk.rootTotal;
  return isLast && !closes ? restartListing(walk) : { walk: next, again: false };
}
