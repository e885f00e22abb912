import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import isomorphic from 'isomorphic-git';
import { test } from 'node:test';
import { NewObjects } from '../../lib/git/new-objects.ts';
import { gitdir, objectFs } from '../../lib/git/object-fs.ts';
import { ObjectReader } from '../../lib/git/object-reader.ts';
import { decodeTree, encodeTree, type TreeEntry } from '../../lib/git/tree-bytes.ts';
import { applyEdits, type Edit } from '../../lib/git/trees.ts';
import { MemoryStore } from '../../lib/storage/memory.ts';
import { testClock } from '../archive/archive.ts';
import { git, temporaryFolder } from './stock-git.ts';

/** A port over memory that keeps count; files are ids made of their text. */
function memoryTrees() {
  const objects = new NewObjects();
  const counts = { read: 0, written: 0 };
  const port = {
    read: (oid: string): Promise<readonly TreeEntry[]> => {
      counts.read += 1;
      const found = objects.get(oid);
      assert.ok(found, `tree ${oid} is there`);
      return Promise.resolve(decodeTree(found.bytes));
    },
    write: (entries: readonly TreeEntry[]) => {
      counts.written += 1;
      return objects.writeTree(entries);
    },
  };
  const file = (text: string) => ({ mode: '100644' as const, oid: objects.add('blob', Buffer.from(text)) });
  const build = (files: Record<string, string>) => {
    const edits = Object.entries(files).map(([path, text]): Edit => ({ path, entry: file(text) }));
    return applyEdits(port, undefined, edits);
  };
  return { objects, port, counts, file, build };
}

const before = { 'a/x': '1', 'a/y': '2', 'b/c/d/z': '3', top: '4' };

for (const [words, edits, after] of [
  ['a changed file', { 'a/x': 'new' }, { ...before, 'a/x': 'new' }],
  ['a new folder', { 'n/m/o': 'new' }, { ...before, 'n/m/o': 'new' }],
  ['the last file of nested folders', { 'b/c/d/z': null }, { 'a/x': '1', 'a/y': '2', top: '4' }],
  ['a folder', { a: null }, { 'b/c/d/z': '3', top: '4' }],
  ['what is not there', { 'a/none': null, 'no/where': null, 'top/below': null, none: null }, before],
  [
    'a file that becomes a folder',
    { 'top/below': 'new' },
    { 'a/x': '1', 'a/y': '2', 'b/c/d/z': '3', 'top/below': 'new' },
  ],
  [
    'a folder that becomes a file, its files removed',
    { 'a/x': null, 'a/y': null, a: 'file' },
    { 'b/c/d/z': '3', top: '4', a: 'file' },
  ],
  ['a folder removed and begun again', { a: null, 'a/new': '5' }, { 'b/c/d/z': '3', top: '4', 'a/new': '5' }],
  ['nothing', {}, before],
] as const) {
  test(`editing ${words} gives the tree that is built from nothing, in any order of edits`, async () => {
    const { port, file, build } = memoryTrees();
    const base = await build(before);
    const list = Object.entries<string | null>(edits).map(([path, text]): Edit => ({
      path,
      entry: text === null ? null : file(text),
    }));
    for (const each of [list, list.toReversed()]) assert.equal(await applyEdits(port, base, each), await build(after));
  });
}

test('a newcomer at the path of a removed folder is whole, also when files of the old one are removed', async () => {
  const { port, objects, file } = memoryTrees();
  const oldItem = await objects.writeTree([{ name: 'q', ...file('old'), type: 'blob' }]);
  const newItem = await objects.writeTree([{ name: 'q', ...file('new'), type: 'blob' }]);
  const place = (oid: string): Edit => ({ path: 'p/item', entry: { mode: '040000', oid } });
  const base = await applyEdits(port, undefined, [place(oldItem)]);
  const expected = await applyEdits(port, undefined, [place(newItem)]);
  const removals: Edit[] = [
    { path: 'p/item/q', entry: null },
    { path: 'p/item', entry: null },
  ];
  assert.equal(await applyEdits(port, base, [place(newItem), ...removals]), expected);
  assert.equal(await applyEdits(port, base, [...removals, place(newItem)]), expected);
});

test('nothing left is no tree', async () => {
  const { port, build } = memoryTrees();
  assert.equal(await applyEdits(port, await build({ 'a/b': '1' }), [{ path: 'a/b', entry: null }]), undefined);
});

test('only the folders on the way to an edit are read and written', async () => {
  const { port, counts, file, build } = memoryTrees();
  const base = await build({ 'a/b/c': '1', 'a/d/e': '2', 'f/g/h': '3' });
  Object.assign(counts, { read: 0, written: 0 });
  await applyEdits(port, base, [{ path: 'a/b/c', entry: file('new') }]);
  assert.deepEqual(counts, { read: 3, written: 3 });
  Object.assign(counts, { read: 0, written: 0 });
  assert.equal(await applyEdits(port, base, [{ path: 'a/b/c', entry: file('1') }]), base);
  assert.deepEqual(counts, { read: 3, written: 0 });
});

test('10,000 edits write each folder once', async () => {
  const { port, counts, file } = memoryTrees();
  const entry = file('x');
  const edits = Array.from({ length: 10_000 }, (_, n): Edit => ({
    path: `content/u${n % 10}/t${n % 100}/i${n}`,
    entry,
  }));
  await applyEdits(port, undefined, edits);
  assert.deepEqual(counts, { read: 0, written: 1 + 1 + 10 + 100 });
});

for (const name of ['', '.', '..', '.git', '.GIT', 'a\0b']) {
  test(`the name ${JSON.stringify(name)} never gets into a tree`, async () => {
    const { port, file } = memoryTrees();
    await assert.rejects(applyEdits(port, undefined, [{ path: `a/${name}`, entry: file('x') }]), RangeError);
    assert.throws(() => encodeTree([{ name, mode: '100644', oid: 'a'.repeat(40), type: 'blob' }]), RangeError);
  });
}

const names = ['a', 'a-', 'a.b', 'a0', 'A', 'é', 'e\u0301', '！', '😀', '\uE000', 'z z', 'a"b', 'b\\c'];

test('trees sort as git sorts, folders and files, astral and other characters', async (t) => {
  const folder = await temporaryFolder(t);
  await git(folder, 'init', '--quiet', '--bare');
  for (const folders of [0, 1, 2]) {
    const entries = names.map((name, n): TreeEntry => {
      const isFolder = n % 3 === folders;
      return { name, mode: isFolder ? '040000' : '100644', type: isFolder ? 'tree' : 'blob', oid: 'a'.repeat(40) };
    });
    const input = entries.map(({ name, mode, type, oid }) => `${mode} ${type} ${oid}\t${name}\0`).join('');
    const expected = execFileSync('git', ['mktree', '--missing', '-z'], {
      cwd: folder,
      input,
      encoding: 'utf8',
    }).trim();
    const objects = new NewObjects();
    assert.equal(await objects.writeTree(entries.toReversed()), expected);
  }
});

test('isomorphic-git reads our trees as we do', async () => {
  const objects = new NewObjects();
  const oid = await objects.writeTree([
    { name: 'f', mode: '100644', oid: 'b'.repeat(40), type: 'blob' },
    { name: 'd', mode: '040000', oid: 'c'.repeat(40), type: 'tree' },
    { name: 'm', mode: '160000', oid: 'd'.repeat(40), type: 'commit' },
  ]);
  const fs = objectFs(new ObjectReader(new MemoryStore({ clock: testClock() })), objects);
  const { tree } = await isomorphic.readTree({ fs, gitdir, oid });
  const ours = decodeTree(objects.get(oid)?.bytes ?? Buffer.alloc(0));
  assert.deepEqual(
    tree.map(({ path: name, mode, oid: id, type }) => ({ name, mode, oid: id, type })),
    ours,
  );
});

test('two entries of one name, and a tree that is cut, are refused', () => {
  const entry: TreeEntry = { name: 'a', mode: '100644', oid: 'a'.repeat(40), type: 'blob' };
  assert.throws(() => encodeTree([entry, { ...entry, mode: '040000', type: 'tree' }]), RangeError);
  const bytes = encodeTree([entry]);
  for (const length of [1, 7, 9, bytes.length - 1]) {
    assert.throws(() => decodeTree(bytes.subarray(0, length)), { name: 'BackupError', code: 'STORE_DAMAGED' });
  }
});
