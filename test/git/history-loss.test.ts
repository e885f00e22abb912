import assert from 'node:assert/strict';
import isomorphic from 'isomorphic-git';
import { test } from 'node:test';
import { BackupError } from '../../lib/errors.ts';
import { NewObjects } from '../../lib/git/new-objects.ts';
import { gitdir, objectFs } from '../../lib/git/object-fs.ts';
import { ObjectReader } from '../../lib/git/object-reader.ts';
import { openRepository } from '../../lib/archive/repository.ts';
import { counting, watched } from '../support/stores/counting.ts';
import { commitNext, countedNames, newArchive, testClock } from '../archive/archive.ts';

const unreachable = new BackupError('STORE_UNREACHABLE', 'The store answered 503.', { retryable: true });

async function filledArchive() {
  const { store, repository } = await newArchive();
  await commitNext(store, repository, { 'a/b.txt': 'one' });
  const commit = await commitNext(store, repository, { 'a/b.txt': 'two' }, 'Second');
  return { store, commit };
}

test('a store that fails once at any read never looks like an empty repository', async () => {
  const { store } = await filledArchive();
  const counted = counting(store);
  await openRepository(counted.store, { random: countedNames('r'), clock: testClock() }).head();
  assert.ok(counted.requests.log.length >= 4);
  for (let failing = 0; failing < counted.requests.log.length; failing++) {
    let calls = 0;
    const flaky = watched(store, (_call, run) => (calls++ === failing ? Promise.reject(unreachable) : run()));
    const repository = openRepository(flaky, { random: countedNames('r'), clock: testClock() });
    await assert.rejects(repository.head(), { name: 'BackupError', code: 'STORE_UNREACHABLE' }, `call ${failing}`);
    assert.equal((await repository.head())?.message, 'Second\n', 'the failure was not remembered');
  }
});

test('a store that fails while isomorphic-git reads is never a missing file for it', async () => {
  const { store, commit } = await filledArchive();
  const broken = watched(store, (_call, run) => {
    void run;
    return Promise.reject(unreachable);
  });
  const fs = objectFs(new ObjectReader(broken));
  await assert.rejects(isomorphic.readCommit({ fs, gitdir, oid: commit }), { code: 'STORE_UNREACHABLE' });
  await assert.rejects(isomorphic.log({ fs, gitdir, ref: commit }), { code: 'STORE_UNREACHABLE' });
});

test('isomorphic-git reads commits, trees, files and the log through the file system, and its probes cost nothing', async () => {
  const { store, commit } = await filledArchive();
  const counted = counting(store);
  const fs = objectFs(new ObjectReader(counted.store));
  const cache = {};
  const read = await isomorphic.readCommit({ fs, gitdir, oid: commit, cache });
  assert.equal(read.commit.message, 'Second\n');
  const { tree } = await isomorphic.readTree({ fs, gitdir, oid: read.commit.tree, cache });
  assert.deepEqual(
    tree.map(({ path }) => path),
    ['a'],
  );
  const { blob } = await isomorphic.readBlob({ fs, gitdir, oid: commit, filepath: 'a/b.txt', cache });
  assert.equal(Buffer.from(blob).toString(), 'two');
  const log = await isomorphic.log({ fs, gitdir, ref: commit, cache });
  assert.deepEqual(
    log.map((each) => each.commit.message),
    ['Second\n', 'A commit\n'],
  );
  const names = counted.requests.log.map(({ name }) => name);
  assert.ok(
    names.every((name) => name.startsWith('objects/')),
    names.join(),
  );
  assert.equal(
    names.filter((name) => name.endsWith('.idx')).length,
    2,
    'each index once, the second only for the parent',
  );
});

test('isomorphic-git can write nothing through the reading file system, and only objects through the other', async () => {
  const { store, commit } = await filledArchive();
  const counted = counting(store);
  const reader = new ObjectReader(counted.store);
  const blob = Buffer.from('new');
  await assert.rejects(isomorphic.writeBlob({ fs: objectFs(reader), gitdir, blob }), /EROFS/);
  const fresh = new NewObjects();
  const oid = await isomorphic.writeBlob({ fs: objectFs(reader, fresh), gitdir, blob });
  assert.deepEqual(fresh.get(oid)?.bytes, blob);
  const ref = { ref: 'refs/heads/main', value: commit, force: true };
  await assert.rejects(isomorphic.writeRef({ fs: objectFs(reader, fresh), gitdir, ...ref }), /EROFS/);
  assert.deepEqual(
    counted.requests.log.filter(({ verb }) => verb !== 'get' && verb !== 'stat'),
    [],
  );
});

for (const [words, text] of [
  ['is no id', 'ref: refs/heads/other\n'],
  ['is empty', ''],
  ['names a commit that is not there', `${'d'.repeat(40)}\n`],
] as const) {
  test(`a branch that ${words} is damage, not a new beginning`, async () => {
    const { store } = await filledArchive();
    await store.put('refs/heads/main', Buffer.from(text));
    const repository = openRepository(store, { random: countedNames('d'), clock: testClock() });
    await assert.rejects(repository.head(), { name: 'BackupError', code: 'STORE_DAMAGED' });
  });
}

test('a branch that names a tree is damage', async () => {
  const { store } = await filledArchive();
  const repository = openRepository(store, { random: countedNames('d'), clock: testClock() });
  await store.put('refs/heads/main', Buffer.from(`${(await repository.head())?.tree}\n`));
  await assert.rejects(repository.head(), { name: 'BackupError', code: 'STORE_DAMAGED' });
});
