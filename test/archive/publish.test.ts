import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { BackupError } from '../../lib/errors.ts';
import { openRepository } from '../../lib/archive/repository.ts';
import { encodeStaged } from '../../lib/archive/staged-item.ts';
import type { BlobStore } from '../../lib/storage/blob-store.ts';
import { counting, watched } from '../support/stores/counting.ts';
import { MemoryStore } from '../../lib/storage/memory.ts';
import { commitFiles, commitNext, countedNames, dump, newArchive, testClock } from './archive.ts';
import { git, temporaryFolder } from '../git/stock-git.ts';

const crash = new Error('the process was killed');

/** Lets calls pass until the given one; that one fails before or after it took effect, and so does every later one. */
function dyingAt(store: BlobStore, last: number, when: 'before' | 'after'): BlobStore {
  let calls = 0;
  return watched(store, async (_call, run) => {
    calls += 1;
    if (calls < last) return run();
    if (calls === last && when === 'after') await run();
    throw crash;
  });
}

async function clonedHead(t: TestContext, store: BlobStore): Promise<string> {
  const folder = await temporaryFolder(t);
  await dump(store, join(folder, 'backup.git'));
  await git(folder, 'clone', '--quiet', 'backup.git', 'clone');
  await git(join(folder, 'clone'), 'fsck', '--strict', '--full');
  return (await git(join(folder, 'clone'), 'rev-parse', 'HEAD')).trim();
}

/** An archive with one commit, and what its second one needs. */
async function withSecondCommit() {
  const { store, repository } = await newArchive();
  const first = await commitNext(store, repository, { 'a.txt': 'one' });
  const base = await repository.head();
  return { store, first, base };
}

for (const when of ['before', 'after'] as const) {
  test(`a process killed ${when} any store call of a publication leaves an archive that clones, and the next one converges`, async (t) => {
    const expected = await withSecondCommit().then(async ({ store, base }) => {
      const counted = counting(store);
      const repository = openRepository(counted.store, { random: countedNames('x'), clock: testClock() });
      const commit = await commitFiles(counted.store, repository, { 'b.txt': 'two' }, { base, message: 'Second' });
      return { commit, calls: counted.requests.log.length };
    });
    assert.ok(expected.calls > 8, 'the publication is made of several calls');
    for (let last = 1; last <= expected.calls; last++) {
      const { store, first, base } = await withSecondCommit();
      const dying = dyingAt(store, last, when);
      const killed = openRepository(dying, { random: countedNames('killed'), clock: testClock() });
      await assert.rejects(commitFiles(dying, killed, { 'b.txt': 'two' }, { base, message: 'Second' }), crash);
      const visible = await clonedHead(t, store);
      assert.ok([first, expected.commit].includes(visible), `call ${last}: the old commit or the new one`);

      const next = openRepository(store, { random: countedNames('next'), clock: testClock() });
      await next.prepare();
      assert.equal(await commitFiles(store, next, { 'b.txt': 'two' }, { base, message: 'Second' }), expected.commit);
      assert.equal(await clonedHead(t, store), expected.commit);
      assert.equal((await store.get('info/refs'))?.bytes.toString(), `${expected.commit}\trefs/heads/main\n`);
    }
  });
}

test('of two publishers on one base the second gets BRANCH_MOVED and the first loses nothing', async () => {
  const { store, base } = await withSecondCommit();
  const [ana, ben] = ['ana', 'ben'].map((name) =>
    openRepository(store, { random: countedNames(name), clock: testClock() }),
  );
  assert.ok(ana && ben);
  const results = await Promise.allSettled([
    commitFiles(store, ana, { 'ana.txt': 'a' }, { base, message: 'Ana' }),
    commitFiles(store, ben, { 'ben.txt': 'b' }, { base, message: 'Ben' }),
  ]);
  assert.deepEqual(results.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
  const lost = results.find((result) => result.status === 'rejected');
  assert.equal((lost?.reason as BackupError).code, 'BRANCH_MOVED');
  const head = await ana.head();
  assert.equal(head?.parent, base?.commit);
  assert.equal(head?.commit, results.find((result) => result.status === 'fulfilled')?.value);
});

test('of two publishers of a first commit one gets BRANCH_MOVED', async () => {
  const { store, repository } = await newArchive();
  await commitFiles(store, repository, { 'a.txt': 'a' }, { base: undefined, message: 'Ana' });
  const second = commitFiles(store, repository, { 'b.txt': 'b' }, { base: undefined, message: 'Ben' });
  await assert.rejects(second, { name: 'BackupError', code: 'BRANCH_MOVED' });
});

test('a refused condition whose write had succeeded, its answer lost, is a success', async () => {
  const { store, base } = await withSecondCommit();
  const forgetful = watched(store, async (call, run) => {
    const answer = await run();
    // As after a retry: the first attempt moved the branch, so the second finds it moved.
    return call.verb === 'put' && call.name === 'refs/heads/main' ? (undefined as typeof answer) : answer;
  });
  const repository = openRepository(forgetful, { random: countedNames('f'), clock: testClock() });
  const commit = await commitFiles(forgetful, repository, { 'b.txt': 'two' }, { base, message: 'Second' });
  assert.equal((await repository.head())?.commit, commit);
});

test('the list of packs survives somebody else changing it at the same moment', async () => {
  const { store, base } = await withSecondCommit();
  let interfered = false;
  const contested = watched(store, async (call, run) => {
    if (call.verb === 'put' && call.name === 'objects/info/packs' && !interfered) {
      interfered = true;
      const list = await store.get('objects/info/packs');
      await store.put('objects/info/packs', Buffer.from(`P pack-${'c'.repeat(40)}.pack\n${list?.bytes.toString()}`));
    }
    return run();
  });
  const repository = openRepository(contested, { random: countedNames('o'), clock: testClock() });
  await commitFiles(contested, repository, { 'b.txt': 'two' }, { base, message: 'Second' });
  const list = (await store.get('objects/info/packs'))?.bytes.toString() ?? '';
  assert.equal(list.match(/^P pack-/gm)?.length, 3);
  assert.match(list, /P pack-c{40}\.pack/);
});

test('the same input gives the same commit in two stores', async () => {
  const [one, two] = [await newArchive('one'), await newArchive('two')];
  for (const { store, repository } of [one, two]) {
    await commitNext(store, repository, { 'a/b.txt': 'one', 'a/c.txt': 'two' });
    await commitNext(store, repository, { 'a/b.txt': null }, 'Second');
  }
  assert.equal((await one.repository.head())?.commit, (await two.repository.head())?.commit);
});

test('a staged blob that was replaced after the folders were made is noticed before anything is published', async () => {
  const { store, base } = await withSecondCommit();
  const repository = openRepository(store, { random: countedNames('r'), clock: testClock() });
  const { bytes, oids } = encodeStaged({}, [Buffer.from('first attempt')]);
  await store.put('ago-backup/runs/r/staged/i', bytes);
  const objects = repository.newObjects();
  const entry = { mode: '100644' as const, oid: oids[0] ?? '' };
  const tree = await repository.applyEdits(objects, base?.tree, [{ path: 'item.txt', entry }]);
  await store.put('ago-backup/runs/r/staged/i', encodeStaged({}, [Buffer.from('second attempt')]).bytes);
  const staged = ['ago-backup/runs/r/staged/i'];
  const publishing = repository.publish({ base, tree, message: 'm', timeMs: 0, objects, staged });
  await assert.rejects(publishing, { name: 'BackupError', code: 'STORE_DAMAGED', retryable: true });
  assert.equal((await repository.head())?.commit, base?.commit);
});

test('a run that is told of a staged blob that is gone publishes nothing', async () => {
  const { repository } = await newArchive();
  const objects = repository.newObjects();
  const tree = await objects.writeTree([]);
  const publishing = repository.publish({
    base: undefined,
    tree,
    message: 'm',
    timeMs: 0,
    objects,
    staged: ['ago-backup/runs/r/x'],
  });
  await assert.rejects(publishing, { name: 'BackupError', code: 'STORE_DAMAGED' });
  assert.equal(await repository.head(), undefined);
});

test('a memory store filled by a publication that failed is not half visible', async () => {
  const failing = new BackupError('STORE_FULL', 'full');
  const store = new MemoryStore({ clock: testClock() });
  const full = watched(store, (call, run) => (call.verb === 'putStream' ? Promise.reject(failing) : run()));
  const { repository } = await newArchive('full', full);
  await assert.rejects(commitNext(full, repository, { 'a.txt': 'a' }), { code: 'STORE_FULL' });
  assert.equal(await store.get('objects/info/packs'), undefined);
  assert.equal(await repository.head(), undefined);
});
