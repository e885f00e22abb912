import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { DirectoryStore } from '../../../lib/storage/directory/directory.ts';
import { commitNext, newArchive, testClock, type Files } from '../../archive/archive.ts';
import { git, temporaryFolder } from '../../git/stock-git.ts';
import { serveStore } from '../served.ts';

/** An archive on disk with a commit for each of these, served over HTTP. */
async function served(t: TestContext, ...commits: Files[]) {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'backup.git');
  const { store, repository } = await newArchive('served', new DirectoryStore(path, { clock: testClock() }));
  const add = (files: Files) => commitNext(store, repository, files);
  for (const files of commits) await add(files);
  const { url } = await serveStore(t, path);
  const clone = join(folder, 'clone');
  return { folder, path, store, add, url, clone };
}

const nights: Files[] = [
  { 'README.md': 'read me\n', 'content/ana/None/Web Map/Parcels/item.json': '{"a":1}', 'content/ana/x/y.txt': 'y' },
  { 'content/ana/None/Web Map/Parcels/item.json': '{"a":2}', 'content/ben/😀/z.bin': Buffer.alloc(300_000, 7) },
  { 'content/ana/x/y.txt': null, 'content/ana/moved/y.txt': 'y' },
];

/** Is the clone sound, and the same as the archive? */
async function check(clone: string, path: string): Promise<void> {
  await git(clone, 'fsck', '--strict', '--full');
  assert.equal(await git(clone, 'rev-parse', 'HEAD^{tree}'), await git(path, 'rev-parse', 'main^{tree}'));
  assert.equal(await git(clone, 'rev-list', '--objects', '--all'), await git(path, 'rev-list', '--objects', 'main'));
  assert.equal(await git(clone, 'status', '--porcelain'), '');
}

for (const version of ['0', '1', '2']) {
  test(`stock git clones, and fetches what is new, in version ${version} of the protocol`, async (t) => {
    const { folder, path, url, clone, add } = await served(t, ...nights);
    const speaks = ['-c', `protocol.version=${version}`];
    await git(folder, ...speaks, 'clone', '--quiet', url, clone);
    await check(clone, path);
    await add({ 'content/ana/x/new.txt': 'new' });
    await git(clone, ...speaks, 'pull', '--quiet');
    await check(clone, path);
  });
}

for (const version of ['0', '2']) {
  test(`a shallow clone in version ${version} has one commit, deepens, and becomes whole`, async (t) => {
    const { folder, path, url, clone, add } = await served(t, ...nights, { a: 'b' });
    const speaks = ['-c', `protocol.version=${version}`];
    const count = async () => Number(await git(clone, 'rev-list', '--count', 'HEAD'));
    await git(folder, ...speaks, 'clone', '--quiet', '--depth', '1', url, clone);
    assert.equal(await count(), 1);
    await git(clone, 'fsck', '--strict');
    await add({ a: 'c' });
    await git(clone, ...speaks, 'pull', '--quiet');
    assert.equal(await count(), 2);
    await git(clone, ...speaks, 'fetch', '--quiet', '--deepen', '1');
    assert.equal(await count(), 3);
    await git(clone, ...speaks, 'fetch', '--quiet', '--unshallow');
    assert.equal(await count(), 5);
    await check(clone, path);
  });

  test(`a clone without files in version ${version} fetches those that are looked at`, async (t) => {
    const { folder, path, url, clone } = await served(t, ...nights);
    const speaks = ['-c', `protocol.version=${version}`];
    await git(folder, ...speaks, 'clone', '--quiet', '--bare', '--filter=blob:none', url, clone);
    const list = await git(clone, 'rev-list', '--objects', '--all', '--missing=print');
    assert.equal(list.match(/^\?/gm)?.length, 5);
    assert.equal(await git(clone, 'show', 'main:README.md'), 'read me\n');
    assert.equal(await git(clone, 'log', '-p', '--format='), await git(path, 'log', '-p', '--format=', 'main'));
  });
}
