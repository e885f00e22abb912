import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { deflateRawSync } from 'node:zlib';
import yazl from 'yazl';
import { PassingZip } from '../../../lib/run/save/passing-zip.ts';
import { proveZip, type Listener } from '../../../lib/run/save/prove-zip.ts';
import { MemoryStore } from '../../../lib/storage/memory.ts';
import { VirtualClock } from '../../support/clock.ts';
import { fixture } from '../../support/portal/content.ts';
import { largeZip, withEntry, zipOf } from '../../support/portal/zip.ts';
import { seeded } from '../../support/random.ts';
import { counting } from '../../support/stores/counting.ts';

/** As other programs write it: sizes before the bytes, or behind them, which come as a stream. */
async function zipFile(
  files: readonly [string, Buffer][],
  { isLate = false, compress = true, forceZip64Format = false } = {},
): Promise<Buffer> {
  const zip = new yazl.ZipFile();
  for (const [name, bytes] of files)
    if (isLate) zip.addReadStream(Readable.from([bytes]), name, { mtime: new Date(0), compress, forceZip64Format });
    else zip.addBuffer(bytes, name, { mtime: new Date(0), compress, forceZip64Format });
  zip.end();
  return buffer(zip.outputStream);
}

/** The body in pieces of any lengths. */
async function* cut(bytes: Buffer, random: () => number): AsyncGenerator<Uint8Array> {
  const longest = 1 + bytes.length / 2000 + random() ** 3 * 100_000;
  for (let at = 0; at < bytes.length;) {
    const length = 1 + Math.floor(random() * longest);
    yield await Promise.resolve(Uint8Array.from(bytes.subarray(at, at + length)));
    at += length;
  }
}

/** How many bytes of each entry are heard. */
function hearing() {
  let heard: Record<string, number> = {};
  const listen = (): Listener => {
    heard = {};
    return (name) => (piece) => {
      if (piece.length > 0) heard[name] = (heard[name] ?? 0) + piece.length;
    };
  };
  return { listen, heard: () => heard };
}

/** What is proven of a zip that passes into a store; what was read of it then. */
async function pass(zip: Buffer, random: () => number) {
  const { listen, heard } = hearing();
  const passing = new PassingZip(listen());
  const bytes = Buffer.concat(await Array.fromAsync(passing.pass(cut(zip, random))));
  assert.deepEqual(bytes, zip, 'the body passes as it is');
  const { store, requests } = counting(new MemoryStore({ clock: new VirtualClock() }));
  await store.put('lfs/x', zip);
  const proven = await proveZip({ store, name: 'lfs/x', size: zip.length }, listen, passing.entries);
  return { proven, heard: heard(), reads: requests.total - 1, passed: passing.entries };
}

/** Packed it is longer than what is unpacked in one go. */
const noise = createHash('shake256', { outputLength: 90_000 }).update('noise').digest();

const files: [string, Buffer][] = [
  ['a.gdb/a00000001.gdbtable', Buffer.alloc(200_000, 'tables')],
  ['a.gdb/a00000009.gdbtable', noise],
  ['a.gdb/PK\x07\x08.txt', Buffer.from(`PK\x07\x08${'x'.repeat(20)}PK\x03\x04PK`, 'latin1')],
  ['empty', Buffer.alloc(0)],
];
const kinds: [string, Buffer][] = [
  ['stored', await zipFile(files, { compress: false })],
  ['deflated', await zipFile(files)],
  ['stored, with sizes behind', await zipFile(files, { compress: false, isLate: true })],
  ['deflated, with sizes behind', await zipFile(files, { isLate: true })],
  ['stored, with sizes of 64 bits', await zipFile(files, { compress: false, forceZip64Format: true })],
  ['deflated, with sizes of 64 bits behind', await zipFile(files, { isLate: true, forceZip64Format: true })],
  [
    'stored, with sizes of 64 bits behind',
    await zipFile(files, { compress: false, isLate: true, forceZip64Format: true }),
  ],
  ['a large entry made on the fly', largeZip(300_000, 1, files).bytes()],
  ['of GDAL', fixture('parcels.gdb.zip').bytes()],
  ['a shapefile', fixture('roads.zip').bytes()],
  ['a workbook', fixture('inspections.xlsx').bytes()],
];

for (const [kind, zip] of kinds) {
  test(`a zip that is ${kind} is proven while it passes, in pieces of any length, and only its directory is read back`, async () => {
    const plain = hearing();
    const read = await proveZip(zip, plain.listen);
    for (let seed = 1; seed <= 8; seed++) {
      const { proven, heard, reads, passed } = await pass(zip, seeded(seed));
      assert.ok(passed, 'it was given up');
      assert.deepEqual(proven, read);
      assert.deepEqual(heard, plain.heard());
      assert.ok(reads <= 2, `${reads} reads`);
    }
  });
}

test('a zip that is damaged anywhere gets the same verdict, passing or read back', async () => {
  const random = seeded(7);
  let whole = 0;
  for (let n = 0; n < 120; n++) {
    const [kind, zip] = kinds[n % kinds.length] ?? ['', Buffer.alloc(0)];
    const spoiled = spoil(Buffer.from(zip), random);
    const { listen, heard } = hearing();
    const read = await proveZip(spoiled, listen);
    const passing = await pass(spoiled, random);
    assert.deepEqual(passing.proven, read, `${n}: ${kind}`);
    if (typeof read === 'object') assert.deepEqual(passing.heard, heard(), `${n}: ${kind}`);
    whole += typeof read === 'object' ? 1 : 0;
  }
  assert.ok(whole > 5 && whole < 90, `${whole} of 120 hold`);
});

/** One change somewhere: a bit, a cut, bytes that are lacking or too many; near its ends more often. */
function spoil(zip: Buffer, random: () => number): Buffer {
  const near = random() < 0.5 ? 200 : zip.length;
  const at = random() < 0.5 ? Math.floor(random() * near) : zip.length - 1 - Math.floor(random() * near);
  const length = 1 + Math.floor(random() * 30);
  const [before, after] = [zip.subarray(0, at), zip.subarray(at)];
  const kind = Math.floor(random() * 4);
  if (kind === 0) return before;
  if (kind === 1) return Buffer.concat([before, after.subarray(length)]);
  if (kind === 2) return Buffer.concat([before, Buffer.alloc(length, 'PK'), after]);
  zip[at] = (zip[at] ?? 0) ^ (1 << Math.floor(random() * 8));
  return zip;
}

test('what passes and stands in no directory is not counted', async () => {
  const zip = zipOf([['a.csv', Buffer.from('a\n1\n')]]);
  const one = withEntry(zip, 'b.csv', Buffer.from('b\n1\n2\n'));
  // The directory of before, behind both entries.
  const at = one.readUInt32LE(one.length - 6);
  const directory = zip.subarray(zip.readUInt32LE(zip.length - 6), -22);
  const end = Buffer.from(zip.subarray(-22));
  end.writeUInt32LE(at, 16);
  const { proven, heard } = await pass(Buffer.concat([one.subarray(0, at), directory, end]), seeded(1));
  assert.deepEqual(proven, { names: ['a.csv'], whole: true });
  assert.deepEqual(heard, { 'a.csv': 4 });
});

test('a zip bomb is given up while it passes', async () => {
  const packed = deflateRawSync(Buffer.alloc(50_000_000));
  const bomb = zipOf([['bomb', packed]]);
  for (const at of [0, bomb.lastIndexOf('PK\x01\x02', undefined, 'latin1')])
    bomb.writeUInt16LE(8, at === 0 ? 8 : at + 10);
  bomb.writeUInt32LE(10, 22);
  const { proven, passed } = await pass(bomb, seeded(1));
  assert.equal(passed, undefined);
  assert.equal(typeof proven, 'string');
});
