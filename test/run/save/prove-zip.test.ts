import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { deflateRawSync } from 'node:zlib';
import { test } from 'node:test';
import yazl from 'yazl';
import { hasTables } from '../../../lib/backup/files/signatures.ts';
import { proveZip } from '../../../lib/run/save/prove-zip.ts';
import { MemoryStore } from '../../../lib/storage/memory.ts';
import { VirtualClock } from '../../support/clock.ts';
import { counting } from '../../support/stores/counting.ts';
import { fixture } from '../../support/portal/content.ts';
import { largeZip, zipOf } from '../../support/portal/zip.ts';

/** The same bytes in memory and in a store. */
async function both(bytes: Buffer) {
  const store = new MemoryStore({ clock: new VirtualClock() });
  await store.put('lfs/x', bytes);
  return [await proveZip(bytes), await proveZip({ store, name: 'lfs/x', size: bytes.length })] as const;
}

for (const name of ['parcels.gdb.zip', 'roads.zip', 'form.zip', 'inspections.xlsx']) {
  test(`the real ${name} holds`, async () => {
    for (const proven of await both(fixture(name).bytes()))
      assert.equal(typeof proven === 'object' && proven.whole, true);
  });
}

test('a geodatabase is known by its tables, a shapefile has none', async () => {
  for (const [name, expected] of [
    ['parcels.gdb.zip', true],
    ['roads.zip', false],
  ] as const) {
    const proven = await proveZip(fixture(name).bytes());
    assert.equal(typeof proven === 'object' && hasTables(proven.names), expected);
  }
});

const good = fixture('parcels.gdb.zip').bytes();
for (const [name, bytes] of [
  ['cut at its end', good.subarray(0, -10)],
  ['cut in the middle', good.subarray(0, good.length / 2)],
  ['missing bytes in the middle', Buffer.concat([good.subarray(0, 2000), good.subarray(2005)])],
  ['a web page', Buffer.from('<html>Sign in</html>')],
  ['nothing', Buffer.alloc(0)],
  ['an empty zip', zipOf([])],
] as [string, Buffer][]) {
  test(`a zip that is ${name} does not hold`, async () => {
    for (const proven of await both(bytes)) assert.equal(typeof proven, 'string');
  });
}

test('one flipped bit anywhere in the content is found', async () => {
  const zip = zipOf([['a.gdb/a00000001.gdbtable', Buffer.alloc(5000, 7)]]);
  for (const at of [100, 2500, 4900]) {
    const spoiled = Buffer.from(zip);
    spoiled[at] = (spoiled[at] ?? 0) ^ 1;
    assert.match(JSON.stringify(await proveZip(spoiled)), /does not have its checksum/);
  }
});

test('names that lead out of the folder do no harm, since they are never paths', async () => {
  const proven = await proveZip(zipOf([['../../../etc/passwd', Buffer.from('x')]]));
  assert.equal(typeof proven === 'object' && proven.whole, true);
});

test('a zip bomb is read up to a bound and no further', async () => {
  // One entry that says it has 5 GB; not a byte of it is unpacked.
  const packed = deflateRawSync(Buffer.alloc(1_000_000));
  const bomb = zipOf([['bomb', packed]]);
  const central = bomb.lastIndexOf('PK\x01\x02', undefined, 'latin1');
  bomb.writeUInt16LE(8, central + 10);
  bomb.writeUInt32LE(0xf0000000, central + 24);
  const many = Array.from({ length: 2 }, (_, n): [string, Buffer] => [`e${n}`, Buffer.from('x')]);
  assert.equal(typeof (await proveZip(zipOf(many))), 'object');
  const began = process.cpuUsage();
  await proveZip(bomb);
  assert.ok(process.cpuUsage(began).user < 3_000_000);
});

test('a large zip in the store is read in ranges', async () => {
  const content = largeZip(3_000_000);
  const [inMemory, inStore] = await both(content.bytes());
  assert.deepEqual(inMemory, inStore);
});

/** A zip as another program writes it. */
async function zipFile(entries: Iterable<[string, Buffer]>): Promise<Buffer> {
  const zip = new yazl.ZipFile();
  for (const [name, bytes] of entries) zip.addBuffer(bytes, name, { mtime: new Date(0), compressionLevel: 1 });
  zip.end();
  return buffer(zip.outputStream);
}

/** Bytes that deflate does not shrink. */
const noise = (length: number, n: number) => createHash('shake256', { outputLength: length }).update(`${n}`).digest();

test('a scene of thousands of entries costs requests by its bytes, not by its entries', async () => {
  const nodes = Array.from({ length: 4000 }, (_, n): [string, Buffer] => [`nodes/${n}/geometry.bin`, noise(2500, n)]);
  const zip = await zipFile(nodes);
  const { store, requests } = counting(new MemoryStore({ clock: new VirtualClock() }));
  await store.put('lfs/x', zip);
  const proven = await proveZip({ store, name: 'lfs/x', size: zip.length });
  assert.deepEqual(proven, { names: nodes.map(([name]) => name), whole: true });
  const asked = (requests.byVerb.get ?? 0) + (requests.byVerb.stream ?? 0);
  assert.ok(asked <= Math.ceil(zip.length / 4_194_304) + 10, `${asked} requests for ${zip.length} bytes`);
});

test('an entry longer than what is read at once is one request more, and small ones behind it are no more than that', async () => {
  const entries = Array.from({ length: 12 }, (_, n): [string, Buffer] => [`${n}`, noise(n % 4 === 1 ? 6e6 : 100, n)]);
  const zip = await zipFile(entries);
  const { store, requests } = counting(new MemoryStore({ clock: new VirtualClock() }));
  await store.put('lfs/x', zip);
  const proven = await proveZip({ store, name: 'lfs/x', size: zip.length });
  assert.equal(typeof proven === 'object' && proven.whole, true);
  assert.ok(requests.total - 1 <= 14, `${requests.total - 1} requests`);
  zip[zip.length / 2] = (zip[zip.length / 2] ?? 0) ^ 1;
  await store.put('lfs/x', zip);
  assert.equal(typeof (await proveZip({ store, name: 'lfs/x', size: zip.length })), 'string');
});

test('an entry that unpacks to more than it says is found out, however small it says it is', async () => {
  const packed = deflateRawSync(Buffer.alloc(50_000_000));
  const bomb = zipOf([['bomb', packed]]);
  const central = bomb.lastIndexOf('PK\x01\x02', undefined, 'latin1');
  bomb.writeUInt16LE(8, central + 10);
  bomb.writeUInt32LE(10, central + 24);
  for (const proven of await both(bomb)) assert.match(JSON.stringify(proven), /too many bytes/);
});
