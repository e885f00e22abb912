import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32, deflateSync } from 'node:zlib';
import { indexOfPack, packName, readPacks } from '../../lib/git/layout.ts';
import { ObjectReader } from '../../lib/git/object-reader.ts';
import { encodeEntry, entryHeader, hashObject, refDelta } from '../../lib/git/pack/pack-entry.ts';
import { fetchIndex } from '../../lib/git/pack/packs.ts';
import { writePack } from '../../lib/git/pack/write-pack.ts';
import { Lru } from '../../lib/git/lru.ts';
import { openRepository } from '../../lib/archive/repository.ts';
import { pastArchive } from '../../lib/history/held-archive.ts';
import { assertBytes, commitNext, countedNames, newArchive, testClock } from '../archive/archive.ts';
import { counting, watched } from '../support/stores/counting.ts';

test('an object of the newest pack costs the list, one index and one range, never a whole pack', async () => {
  const { store, repository } = await newArchive();
  for (let n = 0; n < 5; n++) await commitNext(store, repository, { [`f${n}`]: 'x'.repeat(n) }, `Commit ${n}`);
  const counted = counting(store);
  const reopened = openRepository(counted.store, { random: countedNames('r'), clock: testClock() });
  assert.equal((await reopened.head())?.message, 'Commit 4\n');
  const kinds = counted.requests.log.map(({ name }) => name.replace(/[0-9a-f]{40}/, '…'));
  assert.deepEqual(kinds, [
    'refs/heads/main',
    'objects/info/packs',
    'objects/pack/pack-….idx',
    'objects/pack/pack-….pack',
  ]);
});

test('a tree that was read once is not asked for again', async () => {
  const { store, repository } = await newArchive();
  await commitNext(store, repository, { 'a/b/c': '1', 'a/b/d': '2' });
  const counted = counting(store);
  const reopened = openRepository(counted.store, { random: countedNames('r'), clock: testClock() });
  const head = await reopened.head();
  const before = counted.requests.log.length;
  for (const path of ['a/b/c', 'a/b/d', 'a/b/none', 'a/b/c/below', 'none/at/all'])
    await reopened.treeAt(head?.tree ?? '', path);
  assert.equal(counted.requests.log.length - before, 3);
  assert.equal(await reopened.treeAt(head?.tree ?? '', 'a/b/c/below'), undefined);
});

test('an object that spans more than the first read comes back whole', async () => {
  const { store, repository } = await newArchive();
  const long = Buffer.from(Array.from({ length: 40_000 }, (_, n) => (n * n * 31) % 251));
  await commitNext(store, repository, { long });
  const head = await repository.head();
  assertBytes(await repository.blob((await repository.treeAt(head?.tree ?? '', 'long')) ?? ''), long);
});

test('what another process publishes is found without being told', async () => {
  const { store, repository } = await newArchive();
  await commitNext(store, repository, { a: '1' });
  const worker = openRepository(store, { random: countedNames('w'), clock: testClock() });
  await worker.head();
  const commit = await commitNext(store, repository, { a: '2' }, 'Second');
  const [tree, missing] = [(await repository.head())?.tree ?? '', 'a'.repeat(40)];
  assert.equal((await worker.tree(tree)).length, 1, commit);
  await assert.rejects(worker.blob(missing), { name: 'BackupError', code: 'STORE_DAMAGED' });
});

test('what a damaged pack has lost is read from another pack that holds it, whichever comes first', async () => {
  const { store, repository } = await newArchive();
  await commitNext(store, repository, { a: 'same', b: '1' }, 'First');
  await commitNext(store, repository, { c: 'same', b: '2' }, 'Second');
  const oid = hashObject('blob', Buffer.from('same'));
  const only = hashObject('blob', Buffer.from('2'));
  const [newest = ''] = readPacks((await store.get('objects/info/packs'))?.bytes.toString() ?? '');
  const pack = (await store.get(packName(newest))) ?? assert.fail();
  await store.put(packName(newest), Buffer.alloc(pack.bytes.length));
  const reader = new ObjectReader(store);
  assert.equal((await reader.read(oid))?.bytes.toString(), 'same');
  await assert.rejects(reader.read(only), { name: 'BackupError', code: 'STORE_DAMAGED' });
  await store.put(packName(newest), pack.bytes);
  await store.delete(indexOfPack(newest));
  assert.equal((await new ObjectReader(store).read(oid))?.bytes.toString(), 'same');
  await assert.rejects(new ObjectReader(store).read(only), { name: 'BackupError', code: 'STORE_DAMAGED' });
});

test('bytes that do not have the id they are kept under are damage, packed and loose', async () => {
  const { store, repository } = await newArchive();
  await commitNext(store, repository, { a: 'one' });
  const reader = new ObjectReader(store);
  const oid = hashObject('blob', Buffer.from('one'));
  assert.equal((await reader.read(oid))?.bytes.toString(), 'one');
  for await (const { name } of store.list('objects/pack/')) {
    if (!name.endsWith('.pack')) continue;
    const bytes = (await store.get(name))?.bytes ?? Buffer.alloc(0);
    bytes[16] = (bytes[16] ?? 0) ^ 1;
    await store.put(name, bytes);
  }
  await assert.rejects(reader.read(oid), { name: 'BackupError', code: 'STORE_DAMAGED' });
  const other = hashObject('blob', Buffer.from('two'));
  const name = `objects/${other.slice(0, 2)}/${other.slice(2)}`;
  await store.put(name, deflateSync('blob 3\0two'));
  assert.equal((await reader.read(other))?.bytes.toString(), 'two');
  for (const bad of [deflateSync('blob 3\0six'), deflateSync('what'), Buffer.from('no zlib')]) {
    await store.put(name, bad);
    await assert.rejects(reader.read(other), { name: 'BackupError', code: 'STORE_DAMAGED' });
  }
});

test('an index that points to another object is damage', async () => {
  const { store } = await newArchive();
  const wrong = { ...encodeEntry('blob', Buffer.from('one')), oid: hashObject('blob', Buffer.from('two')) };
  await writePack(store, 'b'.repeat(40), 1, asyncOf([wrong]));
  await store.put('objects/info/packs', Buffer.from(`P pack-${'b'.repeat(40)}.pack\n`));
  await assert.rejects(new ObjectReader(store).read(wrong.oid), { name: 'BackupError', code: 'STORE_DAMAGED' });
});

test('deltas that build on each other in a circle are damage, for who reads and for who asks what an object is', async () => {
  const { store } = await newArchive();
  const [one, other] = ['1'.repeat(40), '2'.repeat(40)];
  const delta = Buffer.from([3, 1, 1, 0x61]);
  const onto = (oid: string, base: string) => {
    const bytes = Buffer.concat([entryHeader(refDelta, delta.length), Buffer.from(base, 'hex'), deflateSync(delta)]);
    return { oid, bytes, crc: crc32(bytes) };
  };
  const names = ['b'.repeat(40), 'c'.repeat(40)];
  for (const name of names) await writePack(store, name, 2, asyncOf([onto(one, other), onto(other, one)]));
  await store.put('objects/info/packs', Buffer.from(names.map((name) => `P pack-${name}.pack\n`).join('')));
  let requests = 0;
  const counted = watched(store, (_call, run) => {
    assert.ok((requests += 1) < 100_000, 'it goes on for ever');
    return run();
  });
  const damaged = { name: 'BackupError', code: 'STORE_DAMAGED' };
  await assert.rejects(new ObjectReader(counted).read(one), damaged);
  await assert.rejects(new ObjectReader(counted).describe(one), damaged);
});

test('a pack that is cut in the name of what a delta builds on is damage', async () => {
  const { store } = await newArchive();
  const [oid, name] = ['1'.repeat(40), 'b'.repeat(40)];
  const bytes = Buffer.concat([entryHeader(refDelta, 4), Buffer.alloc(20), deflateSync(Buffer.from([3, 1, 1, 0x61]))]);
  await writePack(store, name, 1, asyncOf([{ oid, bytes, crc: crc32(bytes) }]));
  await store.put('objects/info/packs', Buffer.from(`P pack-${name}.pack\n`));
  const pack = (await store.get(packName(name))) ?? assert.fail();
  const damaged = { name: 'BackupError', code: 'STORE_DAMAGED' };
  for (const length of [13, 14, 20, 32]) {
    await store.put(packName(name), pack.bytes.subarray(0, length));
    await assert.rejects(new ObjectReader(store).read(oid), damaged, `${length}`);
    await assert.rejects(new ObjectReader(store).describe(oid), damaged, `${length}`);
  }
});

test('what is no id is in no pack', async () => {
  const { store, repository } = await newArchive();
  await commitNext(store, repository, { a: 'one' });
  const [newest = ''] = readPacks((await store.get('objects/info/packs'))?.bytes.toString() ?? '');
  const index = await fetchIndex(store, newest);
  for (const text of ['no id', '', 'ab', 'abcdef01']) assert.equal(index.find(text), undefined, text);
});

test('a list of packs that could not be read once is read again', async () => {
  const { store, repository } = await newArchive();
  await commitNext(store, repository, { a: 'one' });
  let isDown = true;
  const flaky = watched(store, (_call, run) => (isDown ? Promise.reject(new Error('503')) : run()));
  const reader = new ObjectReader(flaky);
  const oid = hashObject('blob', Buffer.from('one'));
  await assert.rejects(reader.read(oid), /503/);
  isDown = false;
  assert.equal((await reader.read(oid))?.bytes.toString(), 'one');
});

async function* asyncOf<T>(items: T[]): AsyncGenerator<T> {
  for (const item of items) yield await Promise.resolve(item);
}

test('a listed pack whose index is gone is damage', async () => {
  const { store, repository } = await newArchive();
  await commitNext(store, repository, { a: 'one' });
  for await (const { name } of store.list('objects/pack/')) if (name.endsWith('.idx')) await store.delete(name);
  const reader = new ObjectReader(store);
  await assert.rejects(reader.read('a'.repeat(40)), { name: 'BackupError', code: 'STORE_DAMAGED' });
});

test('what was used last is kept within its bytes, and what failed is asked for again', async () => {
  const recent = new Lru<string>(10, (value) => value.length);
  const asked: string[] = [];
  const get = (key: string) => recent.get(key, () => (asked.push(key), Promise.resolve(key)));
  for (const key of ['aaaa', 'bbbb', 'aaaa', 'cccc', 'aaaa', 'bbbb']) assert.equal(await get(key), key);
  assert.deepEqual(asked, ['aaaa', 'bbbb', 'cccc', 'bbbb']);
  await Promise.all([get('dd'), get('dd')]);
  assert.equal(asked.filter((key) => key === 'dd').length, 1);
  await assert.rejects(
    recent.get('e', () => Promise.reject(new Error('once'))),
    /once/,
  );
  assert.equal(await get('e'), 'e');
});

test('who looks at the past needs the indexes of the newest pack and of the oldest ones, not of the nights between', async () => {
  const { store, repository } = await newArchive();
  for (let n = 0; n < 12; n++) await commitNext(store, repository, { [`f${n}`]: 'x'.repeat(n) }, `Commit ${n}`);
  const listed = readPacks((await store.get('objects/info/packs'))?.bytes.toString() ?? '');
  const counted = counting(store);
  const past = pastArchive({ store: counted.store });
  const head = await past.repository.head();
  const old = hashObject('blob', Buffer.from('x'));
  assert.equal((await past.repository.blob(old)).toString(), 'x');
  const indexes = (...places: number[]) => places.map((n) => indexOfPack(listed[n] ?? ''));
  const asked = () => counted.requests.log.map(({ name }) => name).filter((name) => name.endsWith('.idx'));
  assert.deepEqual(asked(), indexes(0, 11, 10));
  // What lies between is found in the pack where it most likely is.
  await past.expect([4, 99]);
  const middle = hashObject('blob', Buffer.from('x'.repeat(7)));
  assert.equal((await past.repository.blob(middle)).toString(), 'x'.repeat(7));
  assert.deepEqual(asked(), indexes(0, 11, 10, 4));
  // And where it is not, it is found all the same.
  const other = hashObject('blob', Buffer.from('x'.repeat(5)));
  assert.equal((await past.repository.blob(other)).toString(), 'x'.repeat(5));
  assert.equal((await past.repository.tree(head?.tree ?? '')).length, 12);
});
