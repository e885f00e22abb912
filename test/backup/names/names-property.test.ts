import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { collisionKey, nameWithId, safeFileName, safeName } from '../../../lib/backup/names/names.ts';
import { nestedPaths } from '../../../lib/backup/names/part-names.ts';
import { assignPaths, memberPath } from '../../../lib/backup/names/paths.ts';
import { git, temporaryFolder } from '../../git/stock-git.ts';
import { assertApart, assertPortable, variants, text } from './any-names.ts';
import { arrivalOf, type Listed, liveThrough, listing, shuffledBy } from './any-nights.ts';

test('any text becomes one name that checks out anywhere, and that is its own name', () => {
  fc.assert(
    fc.property(text, (title) => {
      for (const make of [safeName, safeFileName]) {
        const name = make(title);
        assertPortable(name);
        assert.equal(make(title), name);
        assert.equal(make(name), name);
      }
    }),
    {
      numRuns: 1500,
      examples: [
        // found by these properties, or by reading git's own checks against them
        ['item.jsonGIT~1'],
        ['CON.GIT~1'],
        ['e\u200c\u0301'],
        ['con .txt'],
        [`CON.${'x'.repeat(96)}`],
        [`thumbnail.${'é'.repeat(90)}`],
        ['ROADSI~1.ZIP'],
        ['\uffff'],
        ['\u200c.git'],
        ['.g\u200cit\u200d'],
        ['👩\u200d🚒'.repeat(40)],
      ],
    },
  );
});

test('a long file name keeps its extension', () => {
  fc.assert(
    fc.property(text, fc.constantFrom('.zip', '.geojson', '.7z'), (title, extension) => {
      assert.ok(safeFileName(`a${title.repeat(20)}b${extension}`).endsWith(extension));
    }),
    { numRuns: 200 },
  );
});

test('names that a file system may hold for one have one key: every letter, in any case and form', () => {
  for (let code = 0; code < 0x30000; code++) {
    const letter = String.fromCodePoint(code);
    // Only letters with case, and those that are written in several ways, can differ.
    if (!/\p{CWCM}|\p{CI}/u.test(letter) && letter.normalize('NFD') === letter) continue;
    for (const other of variants(letter))
      assert.equal(collisionKey(other), collisionKey(letter), `U+${code.toString(16)} ${other}`);
  }
  assert.equal(collisionKey('GRO\u1e9e'), collisionKey('groß'));
  assert.equal(collisionKey('co\u00adop'), collisionKey('coop'));
});

test('a name is found however many are taken, also by titles that look like ours', () => {
  const id = 'b'.repeat(32);
  const taken = new Set(['Roads', `Roads (${id.slice(0, 8)})`, `Roads (${id})`]);
  for (let n = 0; n < 3; n++) {
    const name = nameWithId('Roads', id, (each) => taken.has(each));
    assert.ok(!taken.has(name), name);
    assertPortable(name);
    taken.add(name);
  }
});

test('any names of resources become paths below their folder that do not fall together, in any order', () => {
  const resource = fc.array(text, { minLength: 1, maxLength: 8 }).map((parts) => parts.join('/'));
  fc.assert(
    fc.property(fc.uniqueArray(resource, { maxLength: 10 }), fc.nat(), (names, seed) => {
      const paths = nestedPaths('resources', names);
      assert.deepEqual([...nestedPaths('resources', shuffledBy(seed, names))].sort(), [...paths].sort());
      assertApart([...paths.values()]);
      for (const path of paths.values()) {
        const [folder, ...parts] = path.split('/');
        assert.equal(folder, 'resources');
        assert.ok(parts.length >= 1 && parts.length <= 6 && path.length <= 'resources/'.length + 150, path);
        parts.forEach(assertPortable);
      }
    }),
    { numRuns: 300, examples: [[['a/b', 'a', 'A', 'a/B', 'A/b/c', '../x', '/x', 'x'], 3]] },
  );
});

test('any items get paths of their own, in any order of listing', () => {
  fc.assert(
    fc.property(listing, fc.array(text, { minLength: 4, maxLength: 4 }), fc.nat(), (items, folders, seed) => {
      const arrivals = items.map((item) => arrivalOf(item, folders));
      const paths = assignPaths(arrivals, {});
      assert.equal(paths.size, arrivals.length);
      assertApart([...paths.values()]);
      for (const path of paths.values()) {
        assert.equal(path.split('/').length, 3);
        path.split('/').forEach(assertPortable);
      }
      assert.deepEqual([...assignPaths(shuffledBy(seed, arrivals), {})].sort(), [...paths].sort());
    }),
    { numRuns: 200 },
  );
});

test('night after night, no item takes the path of another, and none moves but to its new name', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(listing, fc.nat()), { minLength: 2, maxLength: 5 }), (nights) => {
      liveThrough(nights);
    }),
    { numRuns: 200 },
  );
});

test('an item is not overwritten by one whose title was made to look like its name', () => {
  const item = (n: number, title: string): Listed => ({ n, title, type: 'PDF', folder: 0 });
  const id = arrivalOf(item(8, ''), []).manifest.id;
  const titles = ['Roads', `Roads (${id.slice(0, 8)})`, `Roads (${id})`];
  const arrivals = [...titles.map((title, n) => item(n + 1, title)), item(8, 'Roads')].map((each) =>
    arrivalOf(each, []),
  );
  assertApart([...assignPaths(arrivals, {}).values()]);
});

test('any two members have folders of their own', () => {
  // A portal does not have two members whose names differ only in case.
  const usernames = fc.uniqueArray(
    text.filter((name) => name !== '' && name.isWellFormed()),
    { selector: collisionKey, maxLength: 10 },
  );
  fc.assert(
    fc.property(usernames, (names) => {
      const paths = names.map(memberPath);
      for (const path of paths) assertPortable(path.slice('content/'.length));
      assertApart(paths);
    }),
    { numRuns: 200 },
  );
});

const protections = ['-c', 'core.protectNTFS=true', '-c', 'core.protectHFS=true'];

/** Paths of a whole archive, made of the worst names. */
function archive(seed: number): string[] {
  const names = fc.sample(text, { numRuns: 160, seed });
  const folders = ['', ...names.slice(0, 3)];
  const arrivals = names
    .slice(0, 40)
    .map((title, n) => arrivalOf({ n, title, type: names[n + 40] ?? '', folder: n % 4 }, folders));
  const items = [...assignPaths(arrivals, {}).values()].map((path) => `${memberPath(names[0] ?? '')}/${path}`);
  const resources = [...nestedPaths('resources', [...new Set(names)]).values()];
  return [
    ...items.map((item, n) => `${item}/${safeFileName(names[n + 80])}`),
    ...resources.map((resource) => `${items[0] ?? ''}/${resource}`),
  ];
}

test('stock git takes an archive of the worst names with all its protections on, and gives it back', async (t) => {
  const folder = await temporaryFolder(t);
  const paths = archive(7);
  await git(folder, 'init', '--quiet');
  for (const path of paths) {
    await mkdir(join(folder, dirname(path)), { recursive: true });
    await writeFile(join(folder, path), path);
  }
  await git(folder, ...protections, 'add', '--all');
  await git(folder, 'commit', '--quiet', '-m', 'names');
  await git(folder, 'fsck', '--strict');
  await git(folder, ...protections, 'clone', '--quiet', '.', 'copy');
  const copy = join(folder, 'copy');
  assert.deepEqual((await git(copy, 'ls-files', '-z')).split('\0').filter(Boolean).sort(), [...paths].sort());
  for (const path of paths) assert.equal(await readFile(join(copy, path), 'utf8'), path);

  // The protections are on: what safeName changes, git refuses.
  const blob = (await git(folder, 'rev-parse', `HEAD:${paths[0] ?? ''}`)).trim();
  for (const name of ['.g\u200cit', 'GIT~1', '.git', '..'])
    await assert.rejects(
      git(folder, ...protections, 'update-index', '--add', '--cacheinfo', `100644,${blob},a/${name}/b`),
      /Invalid path/,
    );
});
