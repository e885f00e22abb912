import assert from 'node:assert/strict';
import { readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { indexOfPack, packName } from '../../../lib/git/layout.ts';
import { scanPack } from '../../../lib/git/pack/pack-scan.ts';
import { encodeEntry } from '../../../lib/git/pack/pack-entry.ts';
import { writePack } from '../../../lib/git/pack/write-pack.ts';
import { mergePacks } from '../../../lib/upkeep/maintain/merge-packs.ts';
import { openRepository } from '../../../lib/archive/repository.ts';
import { sweep } from '../../../lib/upkeep/maintain/sweep.ts';
import type { BlobStore } from '../../../lib/storage/blob-store.ts';
import { DirectoryStore } from '../../../lib/storage/directory/directory.ts';
import { MemoryStore } from '../../../lib/storage/memory.ts';
import { commitNext, countedNames, dump, newArchive, testClock } from '../../archive/archive.ts';
import { git, temporaryFolder } from '../../git/stock-git.ts';
import { watched } from '../../support/stores/counting.ts';

const day = 86_400_000;

async function archiveOf(commits: number, given?: BlobStore) {
  const clock = testClock();
  const { store, repository } = await newArchive('m', given ?? new MemoryStore({ clock }));
  for (let n = 0; n < commits; n++)
    await commitNext(store, repository, { [`f${n}`]: `${n}`, same: 'same' }, `Commit ${n}`);
  return { store, repository, clock, random: countedNames('merge') };
}

async function listed(store: BlobStore): Promise<string[]> {
  const list = (await store.get('objects/info/packs'))?.bytes.toString() ?? '';
  return [...list.matchAll(/^P pack-(.*)\.pack$/gm)].map((found) => found[1] ?? '');
}

async function count(store: BlobStore, prefix: string): Promise<number> {
  let found = 0;
  for await (const { name } of store.list(prefix)) found += Number(name !== '');
  return found;
}

/** Nothing but the listed packs counts: the others are left out of the copy. */
async function checkListed(t: TestContext, store: BlobStore, commits: number) {
  const folder = await temporaryFolder(t);
  await dump(store, folder);
  const live = await listed(store);
  for (const name of await readdir(join(folder, 'objects', 'pack'))) {
    if (!live.includes(name.slice(5, 45))) await rm(join(folder, 'objects', 'pack', name));
  }
  await git(folder, 'fsck', '--strict', '--full');
  assert.equal((await git(folder, 'rev-list', '--count', 'main')).trim(), String(commits));
}

test('twenty packs are left as they are', async () => {
  const { store, random } = await archiveOf(20);
  assert.equal(await mergePacks(store, { random }), undefined);
  assert.equal((await listed(store)).length, 20);
});

test('more than twenty packs become one that holds each object once and is sound without the others', async (t) => {
  const { store, repository, random } = await archiveOf(21);
  const merged = await mergePacks(store, { random });
  // A commit, a root tree and a file each, and the file that all share.
  assert.equal(merged?.objects, 21 * 3 + 1);
  assert.deepEqual(await listed(store), [merged.name]);
  await checkListed(t, store, 21);
  assert.equal(await count(store, 'objects/pack/'), 22 * 2, 'the old packs stay for clones that are under way');
  assert.ok(await repository.head());
  await commitNext(store, repository, { more: 'x' });
  await checkListed(t, store, 22);
});

test('of many nights with changes twenty packs are left, which stock git clones, commits and folders before files', async (t) => {
  const isLong = process.env['LONG'] !== undefined;
  const [nights, changes] = isLong ? [3000, 200] : [120, 3];
  const clock = testClock();
  const { store, repository } = await newArchive('years', new MemoryStore({ clock }));
  const random = countedNames('merged years');
  for (let night = 0; night < nights; night++) {
    const files = Array.from({ length: changes }, (_, n) => [`m${n}/f${night % 50}`, `${night} ${n}`]);
    await commitNext(store, repository, Object.fromEntries(files) as Record<string, string>, `Night ${night}`);
    await mergePacks(store, { random });
    clock.advance(day);
    if (night % 20 === 0) await sweep(store, { clock, repository, liveIndexes: new Set() });
  }
  const packs = await listed(store);
  assert.ok(packs.length <= 20, `${packs.length} packs`);
  await checkListed(t, store, nights);
  const kinds: string[] = [];
  for await (const scanned of scanPack(store, packName(packs.at(-1) ?? '')))
    kinds.push(typeof scanned === 'string' ? scanned : scanned.object.type);
  assert.ok(kinds.indexOf('blob') > Math.max(kinds.lastIndexOf('tree'), kinds.lastIndexOf('commit')));
});

test('a pack with deltas that a person made is left alone', async (t) => {
  const path = join(await temporaryFolder(t), 'backup.git');
  const { store, repository, random } = await archiveOf(8, new DirectoryStore(path, { clock: testClock() }));
  const long = Array.from({ length: 300 }, (_, n) => `line ${n}`).join('\n');
  for (let n = 0; n < 3; n++) await commitNext(store, repository, { long: `${long}${n}` }, `Long ${n}`);
  await git(path, 'repack', '-adfq');
  await git(path, 'update-server-info');
  const [packed] = await listed(store);
  for (let n = 0; n < 20; n++) await commitNext(store, repository, { [`g${n}`]: `${n}` }, `More ${n}`);
  const merged = await mergePacks(store, { random });
  assert.deepEqual(await listed(store), [merged?.name, packed]);
  await git(path, 'fsck', '--strict', '--full');
});

test('a pack published while others are merged keeps its place in the list', async (t) => {
  const { store, repository, random } = await archiveOf(21);
  let published = false;
  const busy = watched(store, async (call, run) => {
    if (call.verb === 'put' && call.name === 'objects/info/packs' && !published) {
      published = true;
      await commitNext(store, repository, { late: 'late' }, 'Late');
    }
    return run();
  });
  const merged = await mergePacks(busy, { random });
  assert.equal((await listed(store)).indexOf(merged?.name ?? ''), 1);
  await checkListed(t, store, 22);
});

test('of two merges at once one wins and the other changes nothing', async (t) => {
  const { store } = await archiveOf(21);
  const results = await Promise.all(['one', 'two'].map((seed) => mergePacks(store, { random: countedNames(seed) })));
  assert.equal(results.filter((merged) => merged !== undefined).length, 1);
  assert.equal((await listed(store)).length, 1);
  await checkListed(t, store, 21);
});

test('a pack that is damaged stops the merge, and nothing changes', async () => {
  const { store, random } = await archiveOf(21);
  const before = await listed(store);
  const name = `objects/pack/pack-${before[3]}.pack`;
  const bytes = (await store.get(name))?.bytes ?? Buffer.alloc(0);
  // In the first file, which no other pack has.
  bytes[16] = (bytes[16] ?? 0) ^ 1;
  await store.put(name, bytes);
  await assert.rejects(mergePacks(store, { random }), { name: 'BackupError', code: 'STORE_DAMAGED' });
  assert.deepEqual(await listed(store), before);
});

test('a worker that knows only the old packs reads on after a merge and a sweep', async () => {
  const { store, repository, clock, random } = await archiveOf(21);
  const worker = openRepository(store, { random, clock });
  const head = await worker.head();
  assert.ok(head);
  await mergePacks(store, { random });
  clock.advance(15 * day);
  await sweep(store, { clock, repository, liveIndexes: new Set() });
  const first = await worker.treeAt(head.tree, 'f0');
  assert.equal((await worker.blob(first ?? '')).toString(), '0');
});

test('replaced packs go 14 days after the merge, however old they are, and the archive stays sound', async (t) => {
  const { store, repository, clock, random } = await archiveOf(21);
  clock.advance(100 * day);
  await mergePacks(store, { random });
  clock.advance(13 * day);
  await sweep(store, { clock, repository, liveIndexes: new Set() });
  assert.equal(await count(store, 'objects/pack/'), 22 * 2);
  clock.advance(2 * day);
  await sweep(store, { clock, repository, liveIndexes: new Set() });
  assert.equal(await count(store, 'objects/pack/'), 2);
  assert.equal(await count(store, 'ago-backup/retired/'), 0);
  await checkListed(t, store, 21);
});

test('leftovers go after 14 days; records, large files, live indexes and whatever is younger stay', async () => {
  const { store, repository, clock } = await archiveOf(1);
  const old = {
    [`objects/pack/pack-${'e'.repeat(40)}.pack`]: false,
    [`objects/pack/pack-${'e'.repeat(40)}.idx`]: false,
    'ago-backup/tmp/t': false,
    'ago-backup/runs/dead/staged/i': false,
    'ago-backup/runs/dead.json': true,
    'ago-backup/exports/open.json': true,
    'ago-backup/set-aside/HEAD': false,
    'ago-backup/index/live.json': true,
    'ago-backup/index/dead.json': false,
    'lfs/objects/aa/bb/x': true,
    'refs/heads/main': true,
    HEAD: true,
  };
  for (const name of Object.keys(old))
    if ((await store.stat(name)) === undefined) await store.put(name, Buffer.alloc(64));
  clock.advance(14 * day + 1);
  const young = [
    'ago-backup/tmp/u',
    'ago-backup/runs/now/staged/i',
    'ago-backup/index/new.json',
    `objects/pack/pack-${'d'.repeat(40)}.pack`,
  ];
  for (const name of young) await store.put(name, Buffer.alloc(64));
  await sweep(store, { clock, repository, liveIndexes: new Set(['ago-backup/index/live.json']) });
  for (const [name, stays] of Object.entries(old)) assert.equal((await store.stat(name)) !== undefined, stays, name);
  for (const name of young) assert.ok(await store.stat(name), name);
  assert.equal((await listed(store)).length, 1);
  assert.ok(await store.stat(`objects/pack/pack-${(await listed(store))[0]}.idx`));
});

test('a sweep by itself leaves a pack that has the only copy of an object, wherever it lies', async () => {
  for (const prefix of ['', 'ago-backup/set-aside/']) {
    const { store, repository, clock, random } = await archiveOf(2);
    const name = random();
    // eslint-disable-next-line @typescript-eslint/require-await
    const only = async function* () {
      yield encodeEntry('blob', Buffer.from('nowhere else'));
    };
    await writePack(store, name, 1, only());
    for (const blob of [indexOfPack(name), packName(name)].filter(() => prefix !== '')) {
      await store.copy(blob, prefix + blob);
      await store.delete(blob);
    }
    clock.advance(31 * day);
    await sweep(store, { clock, repository, liveIndexes: new Set() });
    assert.ok(await store.stat(prefix + packName(name)), `gone from ${prefix || 'its place'}`);
  }
});

test('run records go after two years', async () => {
  const { store, repository, clock } = await archiveOf(1);
  await store.put('ago-backup/runs/old.json', Buffer.from('{}'));
  clock.advance(729 * day);
  await sweep(store, { clock, repository, liveIndexes: new Set() });
  assert.ok(await store.stat('ago-backup/runs/old.json'));
  clock.advance(2 * day);
  await sweep(store, { clock, repository, liveIndexes: new Set() });
  assert.equal(await store.stat('ago-backup/runs/old.json'), undefined);
});

test('when the list of packs is lost, empty or short of a line, no pack goes', async () => {
  for (const spoil of [
    (store: BlobStore) => store.delete('objects/info/packs'),
    (store: BlobStore) => store.put('objects/info/packs', Buffer.from('\n')),
    async (store: BlobStore) => {
      const [first = '', , last = ''] = await listed(store);
      return store.put('objects/info/packs', Buffer.from(`P pack-${first}.pack\nP pack-${last}.pack\n`));
    },
  ]) {
    const { store, clock, random } = await archiveOf(3);
    await spoil(store);
    clock.advance(100 * day);
    // As the next process sees it.
    const repository = openRepository(store, { random, clock });
    await assert.rejects(sweep(store, { clock, repository, liveIndexes: new Set() }), { code: 'STORE_DAMAGED' });
    assert.equal(await count(store, 'objects/pack/'), 6);
  }
});

test('when the branch is lost, no pack goes, and no run begins a new history', async () => {
  const { store, clock, random } = await archiveOf(3);
  await store.delete('refs/heads/main');
  clock.advance(100 * day);
  const repository = openRepository(store, { random, clock });
  await assert.rejects(repository.prepare(), { code: 'STORE_DAMAGED', message: /refs\/heads\/main is missing/ });
  await store.delete('objects/info/packs');
  await sweep(store, { clock, repository, liveIndexes: new Set() });
  assert.equal(await count(store, 'objects/pack/'), 6);
});

test('a merged pack that is damaged does not cost the packs it stands for', async () => {
  const { store, repository, clock, random } = await archiveOf(21);
  const merged = (await mergePacks(store, { random })) ?? assert.fail();
  const name = `objects/pack/pack-${merged.name}.pack`;
  const bytes = (await store.get(name))?.bytes ?? Buffer.alloc(0);
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
  await store.put(name, bytes);
  clock.advance(100 * day);
  await assert.rejects(sweep(store, { clock, repository, liveIndexes: new Set() }), { code: 'STORE_DAMAGED' });
  assert.equal(await count(store, 'objects/pack/'), 22 * 2);
});

test('a pack that a person pushed is not swept, though no list names it', async (t) => {
  const folder = await temporaryFolder(t);
  const { store, repository, clock } = await archiveOf(2);
  await dump(store, join(folder, 'backup.git'));
  await git(join(folder, 'backup.git'), 'repack', '-aq');
  const packs = join(folder, 'backup.git', 'objects', 'pack');
  for (const name of await readdir(packs)) await store.put(`objects/pack/${name}`, await readFile(join(packs, name)));
  const before = await count(store, 'objects/pack/');
  assert.ok(before > 4);
  clock.advance(100 * day);
  await sweep(store, { clock, repository, liveIndexes: new Set() });
  assert.equal(await count(store, 'objects/pack/'), before);
});
