import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import { applyDelta, readDistance } from '../../../lib/git/pack/delta.ts';
import { encodeEntry, hashObject, inflateEntry, readEntryHeader } from '../../../lib/git/pack/pack-entry.ts';
import { encodeIndex } from '../../../lib/git/pack/index-builder.ts';
import { PackIndex } from '../../../lib/git/pack/pack-index.ts';
import { encodeStaged, readStagedEntries, readStagedHeader } from '../../../lib/archive/staged-item.ts';
import { MemoryStore } from '../../../lib/storage/memory.ts';
import { assertBytes, testClock } from '../../archive/archive.ts';
import { git, temporaryFolder } from '../stock-git.ts';
import { counting } from '../../support/stores/counting.ts';

test('object ids are those of git', async (t) => {
  const folder = await temporaryFolder(t);
  const bytes = Buffer.from('a file\nwith lines\0and a zero');
  await writeFile(join(folder, 'f'), bytes);
  assert.equal(hashObject('blob', bytes), (await git(folder, 'hash-object', 'f')).trim());
  assert.equal(hashObject('tree', Buffer.alloc(0)), '4b825dc642cb6eb9a060e54bf8d69288fbee4904');
});

for (const size of [0, 1, 15, 16, 2047, 2048, 300_000]) {
  test(`an entry of ${size} bytes comes back as it was, whatever stands behind it`, () => {
    for (const body of [Buffer.alloc(size, 'text '), randomBytes(size)]) {
      const entry = encodeEntry('blob', body);
      const header = readEntryHeader(entry.bytes) ?? assert.fail();
      assert.deepEqual([header.type, header.size], ['blob', size]);
      const rest = Buffer.concat([entry.bytes.subarray(header.length), randomBytes(50)]);
      assertBytes(inflateEntry(rest, size), body);
      assert.equal(entry.crc, crc32(entry.bytes));
    }
  });
}

test('text is made smaller, and what is compressed already is stored', () => {
  const size = 50_000;
  const zip = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), Buffer.alloc(size)]);
  assert.ok(encodeEntry('blob', Buffer.alloc(size, 'text ')).bytes.length < size / 10);
  assert.ok(encodeEntry('blob', zip).bytes.length > size, 'a zip by its first bytes');
  assert.equal(encodeEntry('blob', randomBytes(size)).bytes.readUInt16BE(3), 0x7801, 'by what deflate gained: level 0');
});

test('an entry that is cut, overlong or no zlib stream is damage', () => {
  const { bytes } = encodeEntry('blob', Buffer.from('something to be cut'));
  const body = bytes.subarray(readEntryHeader(bytes)?.length);
  for (const [bad, size] of [
    [body.subarray(0, 8), 19],
    [body, 5],
    [body, 25],
    [Buffer.from('nonsense'), 19],
  ] as const) {
    assert.equal(inflateEntry(bad, size), undefined);
  }
  assert.equal(readEntryHeader(Buffer.from([0xff, 0xff])), undefined);
  assert.equal(readEntryHeader(Buffer.alloc(0)), undefined);
});

test('an index finds every object, also beyond 2 and 4 GiB, and no other', () => {
  const offsets = [12, 0x7fffffff, 0x80000000, 0x1_0000_0000, 0x123_4567_89ab];
  const entries = offsets.map((offset, n) => ({ oid: hashObject('blob', Buffer.from([n])), crc: n, offset }));
  const index = PackIndex.read(encodeIndex(entries, Buffer.alloc(20, 7)));
  assert.ok(index);
  assert.equal(index.packChecksum, '07'.repeat(20));
  for (const { oid, offset } of entries) assert.equal(index.find(oid), offset);
  assert.equal(index.find('0'.repeat(40)), undefined);
  assert.equal(index.find('f'.repeat(40)), undefined);
  assert.deepEqual(
    [...index.entries()].sort((a, b) => a.offset - b.offset),
    entries,
  );
});

test('stock git reads an index with 64-bit offsets', async (t) => {
  const folder = await temporaryFolder(t);
  const entries = [12, 0x80000000, 0x1_0000_0001].map((offset, n) => ({
    oid: hashObject('blob', Buffer.from([n])),
    crc: n,
    offset,
  }));
  await writeFile(join(folder, 'far.idx'), encodeIndex(entries, Buffer.alloc(20)));
  const shown = execFileSync('git', ['show-index'], {
    input: await readFile(join(folder, 'far.idx')),
    encoding: 'utf8',
  });
  for (const { oid, offset } of entries) assert.match(shown, new RegExp(`^${offset} ${oid} `, 'm'));
});

test('an index that is cut or spoiled is not believed', () => {
  const bytes = encodeIndex([{ oid: 'a'.repeat(40), crc: 1, offset: 12 }], Buffer.alloc(20));
  const spoiled = Buffer.from(bytes);
  spoiled[1050] = (spoiled[1050] ?? 0) ^ 1;
  for (const bad of [spoiled, bytes.subarray(0, -1), bytes.subarray(0, 100), Buffer.alloc(0)])
    assert.equal(PackIndex.read(bad), undefined);
});

test('a delta that reaches outside its base or does not add up is damage', () => {
  const base = Buffer.from('0123456789');
  assert.equal(applyDelta(base, Buffer.from([10, 7, 0x91, 2, 4, 3, ...Buffer.from('abc')])).toString(), '2345abc');
  for (const bad of [[9, 1, 1, 65], [10, 4, 0x91, 8, 4], [10, 2, 1, 65], [10, 3, 3, 65], [10, 1, 0, 65], [10]]) {
    assert.throws(() => applyDelta(base, Buffer.from(bad)), { code: 'STORE_DAMAGED' });
  }
  assert.deepEqual(readDistance(Buffer.from([0x80, 0x00])), { distance: 128, length: 2 });
  assert.throws(() => readDistance(Buffer.alloc(20, 0xff)), { code: 'STORE_DAMAGED' });
});

const name = 'ago-backup/runs/r/staged/i';

test('a staged blob gives back its header in one request and its files in another', async () => {
  const { store, requests } = counting(new MemoryStore({ clock: testClock() }));
  const files = [Buffer.from('one'), Buffer.alloc(0), randomBytes(100_000)];
  const { bytes, oids } = encodeStaged({ title: 'Übersicht' }, files);
  await store.put(name, bytes);
  const staged = await readStagedHeader(store, name);
  assert.deepEqual(staged?.header, { title: 'Übersicht' });
  assert.deepEqual(
    staged.entries.map(({ oid }) => oid),
    oids,
  );
  assert.deepEqual(
    oids,
    files.map((file) => hashObject('blob', file)),
  );
  const entries = await readStagedEntries(store, name);
  files.forEach((file, n) => {
    const expected = encodeEntry('blob', file);
    assertBytes(entries[n]?.bytes, expected.bytes);
    assert.equal(entries[n]?.crc, expected.crc);
  });
  assert.equal(requests.log.filter(({ verb }) => verb === 'get').length, 2);
});

test('a header longer than the first read is read to its end', async () => {
  const store = new MemoryStore({ clock: testClock() });
  const header = { long: 'é'.repeat(20_000) };
  await store.put(name, encodeStaged(header, [Buffer.from('one')]).bytes);
  assert.deepEqual((await readStagedHeader(store, name))?.header, header);
  assert.equal((await readStagedEntries(store, name)).length, 1);
});

test('a staged blob that is spoiled, cut, replaced or none at all is damage; one that is absent is not', async () => {
  const store = new MemoryStore({ clock: testClock() });
  assert.equal(await readStagedHeader(store, name), undefined);
  const { bytes } = encodeStaged({}, [Buffer.from('one'), Buffer.from('two')]);
  const spoiled = Buffer.from(bytes);
  spoiled[bytes.length - 2] = (spoiled[bytes.length - 2] ?? 0) ^ 1;
  for (const bad of [spoiled, bytes.subarray(0, -3), bytes.subarray(0, 30), Buffer.from('{}'), Buffer.alloc(0)]) {
    await store.put(name, bad);
    await assert.rejects(readStagedEntries(store, name), { name: 'BackupError', code: 'STORE_DAMAGED' });
  }
  for (const bad of [bytes.subarray(0, 30), Buffer.from('{}'), Buffer.alloc(0)]) {
    await store.put(name, bad);
    await assert.rejects(readStagedHeader(store, name), { code: 'STORE_DAMAGED' });
  }
  await store.put(name, bytes);
  const staged = await readStagedHeader(store, name);
  await store.put(name, encodeStaged({}, [Buffer.from('other'), Buffer.from('files')]).bytes);
  await assert.rejects(readStagedEntries(store, name, staged?.entries), { code: 'STORE_DAMAGED' });
});

test('no bit of a staged blob can flip unseen', async () => {
  const store = new MemoryStore({ clock: testClock() });
  const { bytes } = encodeStaged({ title: 'Map', notes: [] }, [Buffer.from('one'), Buffer.from('two')]);
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const spoiled = Buffer.from(bytes);
    spoiled[bit >> 3] = (spoiled[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    await store.put(name, spoiled);
    await assert.rejects(readStagedEntries(store, name), { code: 'STORE_DAMAGED' }, `bit ${bit}`);
  }
});
