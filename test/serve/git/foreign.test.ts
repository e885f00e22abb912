import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { git, temporaryFolder } from '../../git/stock-git.ts';
import { serveStore } from '../served.ts';

/** Versions of files that are alike, so that a person's git makes deltas of them. */
const text = (version: number) =>
  Array.from({ length: 400 }, (_, n) => `line ${n} ${n % 40 === version ? version : ''}`).join('\n');

/** A bare repository as people's git keeps it: deltas, a tag, a merge, packed refs, a loose commit. */
async function keptByPeople(t: TestContext) {
  const folder = await temporaryFolder(t);
  const [work, path] = [join(folder, 'work'), join(folder, 'backup.git')];
  await git(folder, 'init', '--quiet', '--initial-branch=main', 'work');
  const commit = async (n: number) => {
    await writeFile(join(work, 'a.txt'), text(n));
    await writeFile(join(work, `b${n}.txt`), text(n + 1));
    await git(work, 'add', '.');
    await git(work, 'commit', '--quiet', '-m', `Night ${n}`);
  };
  for (let n = 0; n < 6; n++) await commit(n);
  await git(work, 'checkout', '--quiet', '-b', 'side', 'HEAD~3');
  await writeFile(join(work, 'side.txt'), 'side');
  await git(work, 'add', '.');
  await git(work, 'commit', '--quiet', '-m', 'Side');
  await git(work, 'checkout', '--quiet', 'main');
  await git(work, 'merge', '--quiet', '-m', 'Merge', 'side');
  await git(work, 'tag', '-a', '-m', 'Good', 'good', 'HEAD~1');
  await git(folder, 'clone', '--quiet', '--bare', '--no-local', work, path);
  return { folder, work, path, commit };
}

const packed = async (path: string) => {
  await git(path, 'update-server-info');
  const verified = await git(path, 'verify-pack', '-v', ...(await packsOf(path)));
  return [...verified.matchAll(/ (\d+) [0-9a-f]{40}$/gm)].length;
};

async function packsOf(path: string): Promise<string[]> {
  const list = await git(path, 'count-objects', '-v');
  assert.match(list, /packs: [1-9]/);
  const { readdir } = await import('node:fs/promises');
  const names = await readdir(join(path, 'objects/pack'));
  return names.filter((name) => name.endsWith('.idx')).map((name) => join(path, 'objects/pack', name));
}

for (const kind of ['bases by distance', 'bases by name']) {
  test(`an archive that people's git packed into deltas, ${kind}, is cloned, deepened and fetched whole`, async (t) => {
    const { folder, path, work, commit } = await keptByPeople(t);
    const byName = kind === 'bases by name' ? ['-c', 'repack.useDeltaBaseOffset=false'] : [];
    await git(path, ...byName, 'repack', '-adfq', '--depth=20', '--window=20');
    assert.ok((await packed(path)) > 3, 'git made no deltas');
    const { url } = await serveStore(t, path);
    const [whole, part] = [join(folder, 'whole'), join(folder, 'part')];
    await git(folder, 'clone', '--quiet', url, whole);
    const refs = '--format=%(objectname) %(objecttype) %(refname:lstrip=-1)';
    assert.equal(
      await git(whole, 'for-each-ref', refs, 'refs/tags'),
      await git(path, 'for-each-ref', refs, 'refs/tags'),
    );
    assert.equal(await git(whole, 'rev-parse', 'origin/side'), await git(path, 'rev-parse', 'side'));
    await git(folder, 'clone', '--quiet', '--depth', '2', url, part);
    await git(part, 'fsck', '--strict');
    // What is new is a delta of what the client has: here it must come whole.
    await commit(7);
    await git(work, 'push', '--quiet', path, 'main');
    await git(path, ...byName, 'repack', '-adfq', '--depth=20', '--window=20');
    await git(path, 'update-server-info');
    for (const clone of [whole, part]) {
      await git(clone, 'pull', '--quiet');
      await git(clone, 'fsck', '--strict', '--full');
      assert.equal(await git(clone, 'rev-parse', 'HEAD^{tree}'), await git(path, 'rev-parse', 'main^{tree}'));
    }
    await git(part, 'fetch', '--quiet', '--unshallow');
    await git(part, 'fsck', '--strict', '--full');
    const commits = ['rev-list', '--count', '--all'];
    assert.equal(await git(part, 'rev-list', '--count', 'origin/main'), await git(path, 'rev-list', '--count', 'main'));
    assert.equal(await git(whole, ...commits), await git(path, ...commits));
  });
}

test('objects that people left outside of packs are cloned too', async (t) => {
  const { folder, path, work, commit } = await keptByPeople(t);
  await commit(8);
  await git(work, '-c', 'receive.unpackLimit=1000', 'push', '--quiet', path, 'main');
  await git(path, 'update-server-info');
  assert.doesNotMatch(await git(path, 'count-objects', '-v'), /^count: 0$/m);
  const { url } = await serveStore(t, path);
  await git(folder, 'clone', '--quiet', url, 'clone');
  await git(join(folder, 'clone'), 'fsck', '--strict', '--full');
  assert.equal(await git(join(folder, 'clone'), 'rev-parse', 'HEAD'), await git(path, 'rev-parse', 'main'));
});
