import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { collisionKey, safeFileName, safeName } from '../../lib/backup/names.ts';
import { nestedPaths } from '../../lib/backup/part-names.ts';
import { assignPaths, memberPath, type Arrival } from '../../lib/backup/paths.ts';
import type { Index, Saved } from '../../lib/backup/words.ts';
import { git, temporaryFolder } from '../git/stock-git.ts';

/** Texts as members and attackers write them: any Unicode, and the pieces that trip file systems up. */
const nasty = fc.constantFrom(
  'CON',
  'nul',
  '.git',
  'GIT~1',
  '..',
  '.',
  '/',
  '\\',
  ':',
  '\u0000',
  '\u200c',
  '\ufeff',
  ' ',
  '. ',
  '\r\n',
  'ﬁ',
  'é',
  'e\u0301',
  '\ud800',
  '🗺️',
  'aux.txt',
  'thumbnail.png',
  'item.json',
);
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string(),
  fc.array(fc.oneof(nasty, fc.string({ maxLength: 3 })), { maxLength: 8 }).map((parts) => parts.join('')),
);

function assertPortable(name: string): void {
  assert.ok(name !== '' && name !== '.' && name !== '..');
  assert.doesNotMatch(name, /[/\\:*?"<>|\u0000-\u001f\u007f-\u009f]/);
  assert.doesNotMatch(name, /^[\s.]|[\s.]$/u);
  assert.doesNotMatch(name, /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i);
  assert.doesNotMatch(name, /~\d+$/);
  assert.equal(name, name.normalize('NFC'));
  assert.ok(Buffer.byteLength(name) <= 255 && name.isWellFormed());
}

test('any text becomes one name that checks out anywhere, the same each time', () => {
  fc.assert(
    fc.property(text, (title) => {
      for (const make of [safeName, safeFileName]) {
        assertPortable(make(title));
        assert.equal(make(title), make(title));
        assert.equal(make(make(title)), make(title));
      }
    }),
    { numRuns: 3000, examples: [['item.jsonGIT~1'], ['CON.GIT~1']] },
  );
});

test('any names of resources become paths below their folder that do not fall together', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(
        fc.array(text, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/')),
        { maxLength: 12 },
      ),
      (names) => {
        const paths = [...nestedPaths('resources', [...names].sort()).values()];
        assert.equal(paths.length, names.length);
        for (const path of paths) {
          const [folder, ...parts] = path.split('/');
          assert.equal(folder, 'resources');
          assert.ok(parts.length >= 1);
          parts.forEach(assertPortable);
        }
        const files = new Set(paths.map(collisionKey));
        assert.equal(files.size, paths.length);
        // No file stands where another one needs a folder.
        for (const path of paths)
          for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1))
            assert.ok(!files.has(collisionKey(path.slice(0, at))));
      },
    ),
    { numRuns: 600 },
  );
});

const arrival = fc.record({
  id: fc.uuid().map((id) => id.replaceAll('-', '')),
  title: text,
  type: fc.constantFrom('Web Map', 'PDF'),
  folder: fc.integer({ min: 0, max: 3 }),
  created: fc.integer({ min: 1, max: 5 }),
});

function arrivalOf(
  { id, title, type, folder, created }: { id: string; title: string; type: string; folder: number; created: number },
  folders: string[],
): Arrival {
  const folderId = folder === 0 ? null : `f${folder}`;
  const manifest = {
    format: 1 as const,
    id,
    owner: 'ana',
    folder: folder === 0 ? 'None' : (folders[folder] ?? ''),
    folderId,
    type,
    title,
    stamp: '1',
    parts: [],
    notes: [],
  };
  return { manifest, created, folderCreated: folder };
}

test('any items get paths of their own, in any order of listing, and keep them when others come and go', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(arrival, { selector: ({ id }) => id, maxLength: 15 }),
      fc.array(text, { minLength: 4, maxLength: 4 }),
      fc.integer(),
      (items, folders, seed) => {
        const arrivals = items.map((item) => arrivalOf(item, folders));
        const paths = assignPaths(arrivals, {});
        assert.equal(new Set([...paths.values()].map(collisionKey)).size, arrivals.length);
        for (const path of paths.values()) path.split('/').forEach(assertPortable);
        const shuffled = [...arrivals].sort(
          (a, b) =>
            ((Number.parseInt(a.manifest.id.slice(0, 6), 16) * seed) % 7) -
            ((Number.parseInt(b.manifest.id.slice(0, 6), 16) * seed) % 7),
        );
        assert.deepEqual(new Map([...assignPaths(shuffled, {})].sort()), new Map([...paths].sort()));
        const index: Index = Object.fromEntries(
          arrivals.map(({ manifest }): [string, Saved] => [
            manifest.id,
            { ...manifest, path: paths.get(manifest.id) ?? '' },
          ]),
        );
        const some = arrivals.filter((_, n) => n % 2 === 0);
        for (const [id, path] of assignPaths(some, index)) assert.equal(path, paths.get(id));
      },
    ),
    { numRuns: 300 },
  );
});

test('any two members have folders of their own', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(
        text.filter((name) => name !== '' && name.isWellFormed()),
        { selector: (name) => name.normalize('NFC'), maxLength: 10 },
      ),
      (names) => {
        for (const name of names) assertPortable(memberPath(name).slice('content/'.length));
        assert.equal(new Set(names.map(memberPath)).size, names.length);
      },
    ),
    { numRuns: 500 },
  );
});

test('stock git takes such names with all its protections on, and gives them back', async (t) => {
  const folder = await temporaryFolder(t);
  await git(folder, 'init', '--quiet');
  for (const [name, value] of [
    ['core.protectNTFS', 'true'],
    ['core.protectHFS', 'true'],
  ] as const)
    await git(folder, 'config', name, value);
  const names = fc.sample(text, { numRuns: 150, seed: 7 });
  const paths = [...nestedPaths('resources', [...new Set(names)].filter((name) => name !== '').sort()).values()];
  for (const path of paths) {
    await mkdir(join(folder, dirname(path)), { recursive: true });
    await writeFile(join(folder, path), path);
  }
  await git(folder, 'add', '--all');
  await git(folder, 'commit', '--quiet', '-m', 'names');
  await git(folder, 'fsck', '--strict');
  await git(folder, 'clone', '--quiet', '.', 'copy');
  const listed = (await git(join(folder, 'copy'), 'ls-files', '-z')).split('\0').filter(Boolean);
  assert.deepEqual(listed.sort(), [...paths].sort());
});
