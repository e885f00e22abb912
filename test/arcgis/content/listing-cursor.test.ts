import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  beginListing,
  nextPlace,
  restartListing,
  takePage,
  type Page,
  type Walk,
} from '../../../lib/arcgis/content/listing-cursor.ts';
import type { Item } from '../../../lib/backup/item.ts';

/** A portal as far as listings go: how many items lie where, and how it counts. */
interface Shelf {
  root: number;
  folders: Record<string, number>;
  knowsFoldersContent: boolean;
  rootTotal: 'root' | 'all';
}

function item(id: string, ownerFolder: string | null): Item {
  return { id, ownerFolder, owner: 'ana' } as Item;
}

function itemsOf(count: number, folder: string | null): Item[] {
  return Array.from({ length: count }, (_, n) => item(`${folder ?? 'root'}-${n}`, folder));
}

/** Answers like the portal: pages of `num`. */
function answer(
  shelf: Shelf,
  walk: Walk,
  { folderId, start }: { folderId: string | null; start: number },
  num: number,
): Page {
  const ids = Object.keys(shelf.folders);
  const inFolders = ids.flatMap((id) => itemsOf(shelf.folders[id] ?? 0, id));
  const root = itemsOf(shelf.root, null);
  const together = folderId === null && !walk.byFolder && shelf.knowsFoldersContent;
  const all =
    folderId !== null ? itemsOf(shelf.folders[folderId] ?? 0, folderId) : together ? [...root, ...inFolders] : root;
  const total =
    folderId === null && shelf.rootTotal === 'all'
      ? root.length + inFolders.length
      : folderId === null
        ? root.length
        : all.length;
  const next = start + num;
  return {
    total: together && shelf.rootTotal === 'all' ? all.length : total,
    nextStart: next <= all.length ? next : -1,
    items: all.slice(start - 1, next - 1),
    folders: folderId === null ? ids.map((id) => ({ id, title: id, created: 1 })) : [],
    unread: [],
    unreadFolders: [],
  };
}

function walkThrough(shelf: Shelf, num = 100): { ids: string[]; pages: number; restarts: number } {
  let walk = beginListing(false);
  let seen = new Set<string>();
  let ids: string[] = [];
  for (let pages = 0; pages < 200; pages++) {
    const place = nextPlace(walk);
    if (place === undefined) return { ids, pages, restarts: walk.restarts };
    const page = answer(shelf, walk, place, num);
    const taken = takePage(walk, page, seen);
    if (taken.again) seen = new Set();
    ids = taken.again ? [] : [...ids, ...page.items.map(({ id }) => id)];
    walk = taken.walk;
    if (walk.restarts > 3) break;
  }
  return { ids, pages: 200, restarts: walk.restarts };
}

for (const knowsFoldersContent of [true, false]) {
  for (const rootTotal of ['root', 'all'] as const) {
    for (const [root, folders] of [
      [0, {}],
      [490, {}],
      [0, { a: 0 }],
      [3, { a: 0, b: 0 }],
      [0, { a: 490 }],
      [101, { a: 100, b: 1, c: 0 }],
      [100, { a: 100, b: 200 }],
    ] as [number, Record<string, number>][]) {
      const name = `${root} items outside and ${JSON.stringify(folders)} inside folders`;
      test(`${name} are all found, foldersContent ${knowsFoldersContent ? 'known' : 'unknown'}, total counts ${rootTotal}`, () => {
        const { ids, restarts } = walkThrough({ root, folders, knowsFoldersContent, rootTotal });
        const expected = root + Object.values(folders).reduce((sum, each) => sum + each, 0);
        assert.equal(ids.length, expected);
        assert.equal(new Set(ids).size, expected);
        assert.equal(restarts, 0);
      });
    }
  }
}

test('a portal that lists all folders at once is asked once for each hundred items', () => {
  const shelf: Shelf = { root: 50, folders: { a: 120, b: 30 }, knowsFoldersContent: true, rootTotal: 'all' };
  assert.equal(walkThrough(shelf).pages, 2);
});

function page(ids: string[], total: number, nextStart = -1, folders: Page['folders'] = []): Page {
  return { total, nextStart, items: ids.map((id) => item(id, null)), folders, unread: [], unreadFolders: [] };
}

const take = (walk: Walk, next: Page, seen = new Set<string>()) => takePage(walk, next, seen);

test('a total that moves between two pages begins the listing anew', () => {
  const { walk } = take(beginListing(false), page(['a', 'b'], 4, 3));
  const taken = take(walk, page(['c'], 3));
  assert.equal(taken.again, true);
  assert.deepEqual(taken.walk, beginListing(false, 1));
});

test('an item that comes twice begins the listing anew, for another one was pushed out of sight', () => {
  const { walk } = take(beginListing(false), page(['a', 'b'], 4, 3));
  assert.equal(take(walk, page(['b', 'c'], 4), new Set(['a', 'b'])).again, true);
  assert.equal(take(beginListing(false), page(['a', 'a'], 2)).again, true);
});

test('fewer items than the total says begin the listing anew', () => {
  assert.equal(take(beginListing(false), page(['a'], 2)).again, true);
  assert.equal(take(beginListing(false), page([], 1)).again, true);
});

test('a page that leads back to itself does not go round for ever', () => {
  assert.equal(take(beginListing(false), page(['a'], 5, 1)).again, true);
});

test('a folder that lost an item while it was read begins the listing anew', () => {
  const folders = [{ id: 'f', title: 'F', created: 1 }];
  const { walk } = take(beginListing(true), page(['a'], 1, -1, folders));
  assert.deepEqual(nextPlace(walk), { folderId: 'f', start: 1 });
  assert.equal(take(walk, page(['b'], 2)).again, true);
});

test('restarts are counted, so that a listing which never holds still can be given up', () => {
  assert.equal(restartListing(restartListing(beginListing(false)).walk).walk.restarts, 2);
});
