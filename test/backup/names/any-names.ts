import assert from 'node:assert/strict';
import fc from 'fast-check';

/** The pieces that trip file systems, git and our own names up. */
const nasty = fc.constantFrom(
  ...[
    'CON',
    'nul',
    'aux.txt',
    'com1 .x',
    'LPT²',
    '.git',
    'GIT~1',
    'gi7eba~1',
    'A~1.TXT',
    '..',
    '.',
    '/',
    '\\',
    ':',
    '$',
  ],
  ...['\u0000', '\u200c', '\u200d', '\ufeff', '\u00ad', '\u2066', '\uffff', '\ud800', ' ', '. ', '\r\n', '\u2028'],
  ...['ﬁ', 'é', 'e\u0301', '\u0301', 'ß', 'ẞ', 'İ', 'ı', 'Σ', 'ς', 'ǰ', '가', '\u1100\u1161', '🗺️', '👩\u200d🚒'],
  ...[
    'thumbnail.png',
    'item.json',
    'resources',
    'Missing',
    'None',
    'Roads',
    '_',
    '(1)',
    'x'.repeat(99),
    'ß'.repeat(101),
  ],
);

/** Texts as members and attackers write them. */
export const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.string({ maxLength: 20 }),
  fc.array(fc.oneof(nasty, nasty, fc.string({ maxLength: 3 })), { maxLength: 6 }).map((parts) => parts.join('')),
);

/** A text as a file system that does not tell case or Unicode forms apart may give it back. */
export function variants(name: string): string[] {
  const cases = [name, name.toUpperCase(), name.toLowerCase(), name.toLowerCase().toUpperCase()];
  return cases.flatMap((each) => [each, each.normalize('NFC'), each.normalize('NFD')]);
}

// git's next_hfs_char (utf8.c), in its own words: what HFS+ skips.
const hfsSkips = /[\u200c\u200d\u200e\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g;
// git's is_ntfs_dotgit and is_ntfs_dot_generic (path.c): names that NTFS resolves to .git, .gitmodules, …
const ntfsDotGit = /^(?:\.git|git~1|\.gitmodules|gitmod~[1-4]|gi7eba~\d|gi7d29~\d)[ .]*(?:$|:)/i;
// git's is_valid_win32_path (compat/mingw.c): a device, then spaces, then the end or an extension.
const win32Device = /^(?:con|prn|aux|nul|com[1-9¹²³]|lpt[1-9¹²³]|conin\$|conout\$) *(?:[.:]|$)/i;

/** One name of a path that checks out on Windows, macOS and Linux. The rules are git's and the systems', not ours. */
export function assertPortable(name: string): void {
  assert.ok(name !== '' && name !== '.' && name !== '..');
  assert.doesNotMatch(name, /[/\\:*?"<>|\p{Cc}]/u);
  assert.doesNotMatch(name, /^[\s.]|[\s.]$/u);
  assert.doesNotMatch(name, win32Device);
  assert.doesNotMatch(name, ntfsDotGit);
  assert.doesNotMatch(name, /^[^.]{1,6}~\d{1,6}(?:\.[^.]{1,3})?$/, 'the short name of another file');
  assert.doesNotMatch(name.replace(hfsSkips, ''), /^\.git/i);
  assert.doesNotMatch(name, /\p{NChar}/u, 'macOS refuses it');
  assert.equal(name, name.normalize('NFC'));
  assert.ok(name.isWellFormed());
  assert.ok(name.length <= 112 && Buffer.byteLength(name) <= 224, `${name.length} characters`);
}

/** No two paths are one, and none stands where another needs a folder, on file systems of any kind. */
export function assertApart(paths: readonly string[]): void {
  const foldings = [
    (path: string) => path,
    (path: string) => path.normalize('NFD').toUpperCase(),
    (path: string) => path.normalize('NFD').toLowerCase(),
    (path: string) => path.toLowerCase().toUpperCase().normalize('NFD'),
  ];
  for (const fold of foldings) {
    const files = new Set(paths.map(fold));
    assert.equal(files.size, paths.length, `fall together: ${JSON.stringify(paths)}`);
    for (const path of paths)
      for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1))
        assert.ok(!files.has(fold(path.slice(0, at))), `no folder: ${path}`);
  }
}
