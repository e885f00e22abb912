import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { openRepository } from '../../lib/archive/repository.ts';
import { counting } from '../support/stores/counting.ts';
import { DirectoryStore } from '../../lib/storage/directory/directory.ts';
import { MemoryStore } from '../../lib/storage/memory.ts';
import { commitNext, countedNames, newArchive, testClock } from '../archive/archive.ts';
import { git, temporaryFolder } from './stock-git.ts';

const long = Array.from({ length: 400 }, (_, n) => `line ${n} of a file that deltas well`).join('\n');

for (const [words, commands] of [
  ['git gc --aggressive', [['gc', '--aggressive', '--prune=now', '--quiet']]],
  ['deltas by name', [['-c', 'repack.useDeltaBaseOffset=false', 'repack', '-adfq', '--depth=50']]],
  ['loose objects', [['repack', '-adq'], ['unpack']]],
] as const) {
  test(`an archive that a person repacked with stock git is read and carried on: ${words}`, async (t) => {
    const path = join(await temporaryFolder(t), 'backup.git');
    const { store, repository } = await newArchive(words, new DirectoryStore(path, { clock: testClock() }));
    for (let n = 0; n < 6; n++)
      await commitNext(store, repository, { 'a/b/long.txt': `${long}\nversion ${n}`, [`a/f${n}`]: `${n}` });
    for (const [command, ...more] of commands) {
      if (command === 'unpack') await unpackEverything(path);
      else await git(path, command, ...more);
    }
    await git(path, 'update-server-info');
    const reopened = openRepository(store, { random: countedNames('again'), clock: testClock() });
    await reopened.prepare();
    const head = await reopened.head();
    assert.ok(head);
    for (let n = 5, at: typeof head | undefined = head; n >= 0; n--, at = at && (await reopened.parent(at))) {
      assert.ok(at);
      const oid = await reopened.treeAt(at.tree, 'a/b/long.txt');
      assert.equal((await reopened.blob(oid ?? '')).toString(), `${long}\nversion ${n}`);
    }
    const next = await commitNext(store, reopened, { 'a/new.txt': 'new' }, 'After');
    assert.equal((await git(path, 'rev-parse', 'main')).trim(), next);
    await git(path, 'fsck', '--strict', '--full');
  });
}

/** Makes every object loose, as small pushes leave them. */
async function unpackEverything(path: string): Promise<void> {
  const folder = join(path, 'objects', 'pack');
  for (const name of await readdir(folder)) {
    if (!name.endsWith('.pack')) await rm(join(folder, name));
    else await rename(join(folder, name), join(path, name));
  }
  for (const name of await readdir(path)) {
    if (name.endsWith('.pack'))
      spawnSync('git', ['unpack-objects', '-q'], { cwd: path, input: await readFile(join(path, name)) });
  }
}

test("a person's pack that was pushed but is not listed is named as the cause, with its cure", async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'backup.git');
  const { store, repository } = await newArchive('pushed', new DirectoryStore(path, { clock: testClock() }));
  await commitNext(store, repository, { 'a.txt': 'a' });
  await git(folder, 'clone', '--quiet', path, 'clone');
  const clone = join(folder, 'clone');
  await writeFile(join(clone, 'b.txt'), 'b');
  await git(clone, 'add', '.');
  await git(clone, 'commit', '--quiet', '-m', 'By hand');
  await git(path, 'config', 'receive.unpackLimit', '1');
  await git(clone, 'push', '--quiet');
  await assert.rejects(repository.head(), (error: Error & { code: string; hint: string }) => {
    assert.equal(error.code, 'STORE_DAMAGED');
    assert.match(error.hint, /git update-server-info/);
    return true;
  });
  await git(path, 'update-server-info');
  assert.equal((await repository.head())?.message, 'By hand\n');
});

test('an empty store becomes a repository, and preparing it again changes nothing', async (t) => {
  const path = await temporaryFolder(t);
  const store = new DirectoryStore(path, { clock: testClock() });
  const repository = openRepository(store, { random: countedNames('e'), clock: testClock() });
  await repository.prepare();
  await repository.prepare();
  assert.equal(await repository.head(), undefined);
  assert.equal((await git(path, 'rev-parse', '--is-bare-repository')).trim(), 'true');
  assert.equal((await git(path, 'symbolic-ref', 'HEAD')).trim(), 'refs/heads/main');
});

test('a creation that broke off is finished by the next', async () => {
  const store = new MemoryStore({ clock: testClock() });
  await store.put('config', Buffer.from('[core]\n\tbare = true\n'));
  await store.put('ago-backup/runs/r/members.json', Buffer.from('{}'));
  await newArchive('e', store);
  assert.equal((await store.get('HEAD'))?.bytes.toString(), 'ref: refs/heads/main\n');
});

for (const [words, files] of [
  ['photos', { 'holiday.jpg': 'x' }],
  ['a branch without HEAD', { 'refs/heads/main': `${'a'.repeat(40)}\n` }],
  ['a repository on another branch', { HEAD: 'ref: refs/heads/master\n', config: '[core]\n\tbare = true\n' }],
  ['the .git folder of a working tree', { HEAD: 'ref: refs/heads/main\n', config: '[core]\n\tbare = false\n' }],
] as const) {
  test(`a place that holds ${words} is refused and left as it is`, async () => {
    const store = new MemoryStore({ clock: testClock() });
    for (const [name, text] of Object.entries(files)) await store.put(name, Buffer.from(text));
    await assert.rejects(newArchive('w', store), { name: 'BackupError', code: 'STORE_NOT_REPOSITORY' });
    const names = [];
    for await (const { name } of store.list('')) names.push(name);
    assert.deepEqual(names, Object.keys(files).sort());
  });
}

test('a folder with files of a person gets nothing of ours', async (t) => {
  const path = await temporaryFolder(t);
  await mkdir(join(path, 'maps'));
  await writeFile(join(path, 'maps', 'a.txt'), 'a');
  await assert.rejects(newArchive('p', new DirectoryStore(path, { clock: testClock() })), {
    code: 'STORE_NOT_REPOSITORY',
  });
  assert.deepEqual(await readdir(path), ['maps']);
});

test('preparing a healthy repository reads three files once, makes sure of the store, and answers with the commit', async () => {
  const { store, repository } = await newArchive();
  const commit = await commitNext(store, repository, { 'a.txt': 'a' });
  const counted = counting(store);
  const opened = openRepository(counted.store, { random: countedNames('c'), clock: testClock() });
  assert.equal((await opened.prepare())?.commit, commit);
  const asked = counted.requests.log.map(({ verb, name }) => `${verb} ${name}`.trim());
  assert.deepEqual(asked.slice(0, 4), ['get HEAD', 'get refs/heads/main', 'get info/refs', 'create']);
  // What is left is the commit in its pack.
  for (const each of asked.slice(4)) assert.match(each, /^(?:get|stat) objects\//);
});

test('info/refs that lags behind is brought up to date and keeps the tags of people', async () => {
  const { store, repository } = await newArchive();
  const commit = await commitNext(store, repository, { 'a.txt': 'a' });
  const tag = `${'b'.repeat(40)}\trefs/tags/keep`;
  await store.put('info/refs', Buffer.from(`${'c'.repeat(40)}\trefs/heads/main\n${tag}\n`));
  await store.put('config', Buffer.from('[core]\n\tbare = true\n'));
  await repository.prepare();
  assert.equal((await store.get('info/refs'))?.bytes.toString(), `${commit}\trefs/heads/main\n${tag}\n`);
});
