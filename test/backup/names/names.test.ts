import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { collisionKey, nameWithId, safeFileName, safeName } from '../../../lib/backup/names/names.ts';
import { nestedPaths } from '../../../lib/backup/names/part-names.ts';

const cases: [string | null, string, string][] = [
  ['a plain title', 'Parcels', 'Parcels'],
  ['slashes cannot leave the folder', '../../etc/passwd', '-..-etc-passwd'],
  ['every letter that Windows forbids', 'a/b\\c:d*e?f"g<h>i|j$k', 'a-b-c-d-e-f-g-h-i-j-k'],
  ['line ends and control characters', 'a\nb\u0000c\u007f', 'a-b-c-'],
  ['spaces and dots at the ends', ' . Parcels . ', 'Parcels'],
  ['nothing left', ' .. ', 'Missing'],
  ['an empty title', '', 'Missing'],
  ['device names', 'CON', 'CON_'],
  ['device names with an extension', 'nul.txt', 'nul_.txt'],
  ['.git', '.git', 'git'],
  ['the short name of .git', 'GIT~1', 'GIT~1_'],
  ['.git with an ignorable code point', '.g\u200cit', 'git'],
  ['decomposed letters are composed', 'Cafe\u0301', 'Café'],
  ['half a surrogate pair', 'a\ud800b', 'a-b'],
  ['an accent that an ignorable code point kept apart', 'e\u200c\u0301', 'é'],
  ['a device name with spaces before its extension', 'con .txt', 'con _.txt'],
  ['the short name of another file', 'ROADSI~1.ZIP', 'ROADSI~1_.ZIP'],
  ['a tilde in a longer name', 'Roads of ~1950', 'Roads of ~1950'],
  ['what is no character', 'a\uffffb', 'a-b'],
].map(([why, from, to]) => [why, from, to] as [string, string, string]);

for (const [why, from, to] of cases) {
  test(`a name is safe: ${String(why)}`, () => {
    assert.equal(safeName(from), to);
  });
}

test('a missing title has a name', () => {
  assert.equal(safeName(null), 'Missing');
  assert.equal(safeName(undefined), 'Missing');
});

test('whatever the title, the name stays in its folder and can be written on Windows, macOS and Linux', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (title) => {
      const name = safeName(title);
      assert.ok(name.length > 0 && name !== '.' && name !== '..');
      assert.ok(!/[/\\:*?"<>|$\p{Cc}]/u.test(name), name);
      assert.ok(!/^[\s.]|[\s.]$/u.test(name), name);
      assert.ok(Buffer.byteLength(name) <= 210 && name.length <= 110);
      assert.equal(name, name.normalize('NFC'));
      assert.ok(name.isWellFormed());
      assert.ok(!/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(name), name);
      assert.equal(safeName(title), name);
    }),
    { numRuns: 2000 },
  );
});

test('a safe name is safe already', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 150 }), (title) => {
      const name = safeName(title);
      assert.equal(safeName(name), name);
    }),
  );
});

test('a long file name keeps its extension', () => {
  const name = safeFileName(`${'x'.repeat(300)}.geojson`);
  assert.ok(name.endsWith('.geojson'));
  assert.ok(name.length <= 100);
});

test('a part never takes the name of one of our own files', () => {
  for (const own of [
    'timestamp.txt',
    'backup.json',
    'item.json',
    'metadata.xml',
    'ITEM.JSON',
    'thumbnail.png',
    'info',
  ]) {
    assert.notEqual(collisionKey(safeFileName(own)), collisionKey(own), own);
  }
});

test('names that differ only in case or Unicode form have one key', () => {
  assert.equal(collisionKey('Roads'), collisionKey('ROADS'));
  assert.equal(collisionKey('Café'), collisionKey('CAFE\u0301'));
  assert.equal(collisionKey('Straße'), collisionKey('STRASSE'));
  assert.equal(collisionKey('GRO\u1e9e'), collisionKey('groß'));
  assert.equal(collisionKey('co\u00adop'), collisionKey('coop'));
  assert.notEqual(collisionKey('Roads'), collisionKey('Road'));
});

test('a newcomer whose name is taken gets eight letters of its id, then all of it, then a number', () => {
  const id = 'cd502cb019cb4c8cb7be297eab5ea47c';
  assert.equal(
    nameWithId('Roads', id, () => false),
    'Roads',
  );
  assert.equal(
    nameWithId('Roads', id, (name) => name === 'Roads'),
    'Roads (cd502cb0)',
  );
  assert.equal(
    nameWithId('Roads', id, (name) => name.length < 20),
    `Roads (${id})`,
  );
  const titles = ['Roads', 'Roads (cd502cb0)', `Roads (${id})`];
  assert.equal(
    nameWithId('Roads', id, (name) => titles.includes(name)),
    `Roads (${id} 2)`,
  );
});

test('ten thousand resources whose names differ only in case get a path each, numbered in their order', () => {
  const names = Array.from({ length: 10_000 }, (_, n) =>
    [...'abcdefghijklmnop'].map((letter, bit) => ((n >> bit) & 1 ? letter.toUpperCase() : letter)).join(''),
  );
  const paths = [...nestedPaths('resources', names).values()];
  assert.equal(new Set(paths.map((path) => path.toLowerCase())).size, names.length);
  const sorted = [...names].sort();
  assert.deepEqual(paths.slice(0, 3), [
    `resources/${sorted[0]}`,
    `resources/${sorted[1]} (1)`,
    `resources/${sorted[2]} (2)`,
  ]);
});
