import assert from 'node:assert/strict';
import fc from 'fast-check';
import { collisionKey, safeName } from '../../../lib/backup/names/names.ts';
import { assignPaths, type Arrival } from '../../../lib/backup/names/paths.ts';
import type { Index, Saved } from '../../../lib/backup/item.ts';
import { assertApart, text, variants } from './any-names.ts';

/** An item of a night's listing; `n` makes its id and its age. */
export interface Listed {
  n: number;
  title: string;
  type: string;
  /** 0: outside any folder */
  folder: number;
}

// Two ids of three begin alike, so that eight letters do not always tell them apart.
const idOf = (n: number) =>
  `${(n % 3 === 0 ? 0xabc : n).toString(16).padStart(8, '0')}${n.toString(16).padStart(24, '0')}`;

/** Few titles, in many cases and forms, some of which look like the names that we make: collisions are the rule. */
const title = fc.oneof(
  text,
  fc.constantFrom(...variants('Straße é'), ...variants('Roads'), '', ' ', 'a/b', 'a:b'),
  fc.nat(11).map((n) => `Roads (${idOf(n).slice(0, 8)})`),
  fc.nat(11).map((n) => `Roads (${idOf(n)})`),
);

/** What a member has in one night. */
export const listing = fc.uniqueArray(
  fc.record({ n: fc.nat(11), title, type: fc.constantFrom('Web Map', 'PDF', 'pdf', 'Pdf '), folder: fc.nat(3) }),
  { selector: ({ n }) => n, maxLength: 12 },
);

/** The item as it arrives when it was saved. @param folders the titles of the member's folders */
export function arrivalOf({ n, title, type, folder }: Listed, folders: readonly string[]): Arrival {
  const place =
    folder === 0 ? { folder: 'None', folderId: null } : { folder: folders[folder] ?? '', folderId: `f${folder}` };
  const manifest = {
    format: 1 as const,
    id: idOf(n),
    owner: 'ana',
    type,
    title,
    stamp: '1',
    parts: [],
    notes: [],
    ...place,
  };
  return { manifest, created: 5 - (n % 4), folderCreated: folder };
}

/** Another order, the same for the same seed. */
export function shuffledBy<T>(seed: number, items: readonly T[]): T[] {
  const keyed = items.map((item, n) => ({ item, key: ((n + 1) * 2654435761 * (seed + 1)) % 4294967291 }));
  return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item);
}

/** Saves each night's items upon what the nights before left; some do not arrive, and keep what they had. Folders are renamed too. */
export function liveThrough(nights: readonly (readonly [readonly Listed[], number])[]): void {
  let index: Index = {};
  for (const [items, seed] of nights) {
    const folders = ['', ...shuffledBy(seed % 3, ['None', 'Maps', 'MAPS', 'a/b', 'a:b'])];
    const listed = items.map((item) => arrivalOf(item, folders));
    const arrivals = listed.filter((_, n) => (n + seed) % 5 < 3);
    const before = index;
    const paths = assignPaths(arrivals, before);
    assert.deepEqual([...assignPaths(shuffledBy(seed, arrivals), before)].sort(), [...paths].sort());
    const kept = listed.flatMap(({ manifest: { id } }) => before[id] ?? []);
    const saved = arrivals.map(({ manifest }): Saved => ({ ...manifest, path: paths.get(manifest.id) ?? '' }));
    index = Object.fromEntries([...kept, ...saved].map((each) => [each.id, each]));
    assertApart(Object.values(index).map(({ path }) => path));
    for (const now of saved) {
      const had = before[now.id];
      const isSame = (['folderId', 'folder', 'type', 'title'] as const).every((field) => had?.[field] === now[field]);
      if (isSame) assert.equal(now.path, had?.path, 'moved without being renamed');
      const [directory, , name] = now.path.split('/');
      assert.ok(directory?.startsWith(beginning(now.folder)) && name?.startsWith(beginning(now.title)), now.path);
    }
    assertOwnDirectories(Object.values(index));
    // A second run of the night changes nothing.
    for (const [id, path] of assignPaths(arrivals, index)) assert.equal(path, index[id]?.path);
  }
}

/** A directory belongs to one folder, also when another one has got its title; and a folder of one title has one directory. */
function assertOwnDirectories(items: readonly Saved[]): void {
  const folders = new Map<string, string | null>();
  const directories = new Map<string, string>();
  for (const { path, folderId, folder } of items) {
    const directory = path.slice(0, path.indexOf('/'));
    const key = collisionKey(directory);
    if (folders.has(key)) assert.equal(folderId, folders.get(key), `two folders in ${directory}`);
    folders.set(key, folderId);
    const titled = JSON.stringify([folderId, folder]);
    assert.equal(directory, directories.get(titled) ?? directory, `two directories of ${folder}`);
    directories.set(titled, directory);
  }
}

// What is left of a name that is cut to make room for an id.
const beginning = (title: string) => [...safeName(title)].slice(0, 20).join('');
