import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { collisionKey } from '../../../lib/backup/names/names.ts';
import { assignPaths, memberPath, type Arrival } from '../../../lib/backup/names/paths.ts';
import type { Index, Manifest, Saved } from '../../../lib/backup/item.ts';

const id = (letter: string) => letter.repeat(32);

function manifest(itemId: string, fields: Partial<Manifest> = {}): Manifest {
  const base = { format: 1 as const, owner: 'ana', folder: 'None', folderId: null, type: 'PDF', title: 'Report' };
  return { ...base, id: itemId, stamp: '1', parts: [], notes: [], ...fields };
}

function arrival(itemId: string, fields: Partial<Manifest> = {}, created = 1, folderCreated = 0): Arrival {
  return { manifest: manifest(itemId, fields), created, folderCreated };
}

function indexOf(...saved: Saved[]): Index {
  return Object.fromEntries(saved.map((each) => [each.id, each]));
}

test('two items of one title lie side by side, the older one under the plain title', () => {
  const paths = assignPaths([arrival(id('b'), {}, 2), arrival(id('a'), {}, 5)], {});
  assert.equal(paths.get(id('b')), 'None/PDF/Report');
  assert.equal(paths.get(id('a')), 'None/PDF/Report (aaaaaaaa)');
});

test('titles that differ only in case do not overwrite each other on Windows', () => {
  const paths = assignPaths([arrival(id('a'), { title: 'REPORT' }), arrival(id('b'), { title: 'report' })], {});
  assert.equal(new Set([...paths.values()].map(collisionKey)).size, 2);
});

test('an item keeps the path it has, even when the older one of its title is gone', () => {
  const index = indexOf({ ...manifest(id('a')), path: 'None/PDF/Report (aaaaaaaa)' });
  assert.equal(assignPaths([arrival(id('a'))], index).get(id('a')), 'None/PDF/Report (aaaaaaaa)');
});

test('a newcomer does not push out what has the path already, though it is older', () => {
  const index = indexOf({ ...manifest(id('b')), path: 'None/PDF/Report' });
  assert.equal(assignPaths([arrival(id('a'), {}, 0)], index).get(id('a')), 'None/PDF/Report (aaaaaaaa)');
});

test('a renamed item moves, and may take the path of the item that moved away', () => {
  const index = indexOf({ ...manifest(id('a')), path: 'None/PDF/Report' });
  const paths = assignPaths([arrival(id('a'), { title: 'Old report' }), arrival(id('b'))], index);
  assert.equal(paths.get(id('a')), 'None/PDF/Old report');
  assert.equal(paths.get(id('b')), 'None/PDF/Report');
});

test('a real folder called None does not collide with the root', () => {
  const inFolder = arrival(id('b'), { folder: 'None', folderId: id('f') }, 1, 9);
  const paths = assignPaths([arrival(id('a')), inFolder], {});
  assert.equal(paths.get(id('a')), 'None/PDF/Report');
  assert.equal(paths.get(id('b')), 'None (ffffffff)/PDF/Report');
});

test('two folders of one safe name stay apart, the older one under the plain name', () => {
  const young = arrival(id('a'), { folder: 'a:b', folderId: id('e') }, 1, 20);
  const old = arrival(id('b'), { folder: 'a/b', folderId: id('f') }, 1, 10);
  const paths = assignPaths([young, old], {});
  assert.equal(paths.get(id('b')), 'a-b/PDF/Report');
  assert.equal(paths.get(id('a')), 'a-b (eeeeeeee)/PDF/Report');
});

test('a newcomer joins the directory that its folder has', () => {
  const folder = { folder: 'Maps', folderId: id('f') };
  const index = indexOf({ ...manifest(id('a'), folder), path: 'Maps (ffffffff)/PDF/Report' });
  const paths = assignPaths([arrival(id('b'), { ...folder, title: 'Other' })], index);
  assert.equal(paths.get(id('b')), 'Maps (ffffffff)/PDF/Other');
});

test('a renamed folder takes all its items along', () => {
  const index = indexOf({ ...manifest(id('a'), { folder: 'Maps', folderId: id('f') }), path: 'Maps/PDF/Report' });
  const paths = assignPaths([arrival(id('a'), { folder: 'Plans', folderId: id('f') })], index);
  assert.equal(paths.get(id('a')), 'Plans/PDF/Report');
});

test('usernames whose letters had to change do not fall together', () => {
  assert.equal(memberPath('ana.maria@example.com'), 'content/ana.maria@example.com');
  assert.notEqual(memberPath('a:b'), memberPath('a|b'));
  assert.ok(memberPath('..').startsWith('content/Missing ('));
});

test('whatever the titles and the order of arrival, every item has a path of its own, and the same one', () => {
  const item = fc.record({
    title: fc.constantFrom('Roads', 'roads', 'ROADS ', 'Café', 'Cafe\u0301', '', 'CON', 'x'.repeat(150)),
    folder: fc.constantFrom<[string, string | null]>(['None', null], ['None', id('1')], ['a', id('2')], ['A', id('3')]),
    created: fc.integer({ min: 0, max: 3 }),
  });
  fc.assert(
    fc.property(fc.array(item, { maxLength: 30 }), fc.func(fc.integer()), (items, order) => {
      const arrivals = items.map(({ title, folder: [folder, folderId], created }, n) =>
        arrival(n.toString(16).padStart(8, '0') + 'c'.repeat(24), { title, folder, folderId }, created),
      );
      const paths = assignPaths(arrivals, {});
      assert.equal(new Set([...paths.values()].map(collisionKey)).size, items.length);
      const shuffled = arrivals.toSorted((a, b) => order(a.manifest.id) - order(b.manifest.id));
      assert.deepEqual(new Map([...assignPaths(shuffled, {})].sort()), new Map([...paths].sort()));
    }),
  );
});
