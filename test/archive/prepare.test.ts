import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { BackupError } from '../../lib/errors.ts';
import { openRepository } from '../../lib/archive/repository.ts';
import type { BlobStore } from '../../lib/storage/blob-store.ts';
import { MemoryStore } from '../../lib/storage/memory.ts';
import { watched, type Call } from '../support/stores/counting.ts';
import { git, temporaryFolder } from '../git/stock-git.ts';
import { commitNext, countedNames, dump, newArchive, testClock } from './archive.ts';

/** A store in which something happens just before the first call that fits. */
function meanwhile(store: BlobStore, when: (call: Call) => boolean, happens: () => Promise<unknown>): BlobStore {
  let isOver = false;
  return watched(store, async (call, run) => {
    if (!isOver && when(call)) {
      isOver = true;
      await happens();
    }
    return run();
  });
}

const opened = (store: BlobStore) => openRepository(store, { random: countedNames('other'), clock: testClock() });

async function assertClones(t: TestContext, store: BlobStore): Promise<void> {
  const folder = await temporaryFolder(t);
  await dump(store, join(folder, 'backup.git'));
  await git(folder, 'clone', '--quiet', 'backup.git', 'clone');
  await git(join(folder, 'clone'), 'fsck', '--strict', '--full');
}

const isList = ({ verb }: Call) => verb === 'list';

test('a repository that another process makes while the empty store is looked through is ours, with its commit', async (t) => {
  const store = new MemoryStore({ clock: testClock() });
  const other = async () => {
    const { repository } = await newArchive('first', store);
    await commitNext(store, repository, { 'a.txt': 'one' });
  };
  const repository = opened(meanwhile(store, isList, other));
  await repository.prepare();
  assert.ok((await repository.head())?.commit);
  await assertClones(t, store);
  const looking = new MemoryStore({ clock: testClock() });
  const inspected = opened(meanwhile(looking, isList, () => newArchive('first', looking)));
  assert.equal(await inspected.inspect(), 'there');
});

test('an archive that another process begins while the store is asked about is no archive that has vanished', async () => {
  const begins = async (store: BlobStore) => {
    const { repository } = await newArchive('first', store);
    await commitNext(store, repository, { 'a.txt': 'one' });
    throw new BackupError('STORE_VANISHED', 'The other run has noted that there is an archive.');
  };
  const empty = new MemoryStore({ clock: testClock() });
  await opened(empty).prepare(() => begins(empty));
  const withoutCommit = (await newArchive()).store;
  await opened(withoutCommit).prepare(() => begins(withoutCommit));
  for (const store of [empty, withoutCommit]) assert.ok((await opened(store).head())?.commit);
});

test('what somebody else puts into an empty store while it is looked through is not touched', async () => {
  for (const [name, text, says] of [
    ['photos/1.jpg', 'a photo', /holds photos\/1\.jpg/],
    ['HEAD', 'ref: refs/heads/trunk\n', /not one of ago-backup/],
  ] as const) {
    const store = new MemoryStore({ clock: testClock() });
    const repository = opened(meanwhile(store, isList, () => store.put(name, Buffer.from(text))));
    await assert.rejects(repository.prepare(), { code: 'STORE_NOT_REPOSITORY', message: says });
    assert.deepEqual(await Array.fromAsync(store.list(''), (blob) => blob.name), [name]);
  }
});
