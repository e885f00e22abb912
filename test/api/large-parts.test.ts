import assert from 'node:assert/strict';
import { createCipheriv, createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import type { ReadableStream } from 'node:stream/web';
import { test } from 'node:test';
import { openItems } from '../../lib/api/items.ts';
import { manifestBytes } from '../../lib/archive/item-manifest.ts';
import { pointer } from '../../lib/archive/lfs.ts';
import { largeName } from '../../lib/archive/layout.ts';
import type { BlobStore } from '../../lib/storage/blob-store.ts';
import { commitNext, newArchive, testClock } from '../archive/archive.ts';
import { unzip } from '../history/lives.ts';

const id = 'a'.repeat(32);
const size = 12 * 1024 * 1024;
// Nothing makes it smaller, so that what goes in must come out.
const bytes = createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16)).update(Buffer.alloc(size));
const sha256 = createHash('sha256').update(bytes).digest('hex');

/** An archive with one large file, and how much of it the store has been asked for. */
async function large() {
  const { store, repository } = await newArchive();
  const part = { path: 'big.bin', role: 'data', size, sha256, lfs: true } as const;
  const small = Buffer.from('{}');
  const record = {
    path: 'item.json',
    role: 'record',
    size: small.length,
    sha256: createHash('sha256').update(small).digest('hex'),
    lfs: false,
  } as const;
  const folder = 'content/ana/None/File Geodatabase/Big';
  const manifest = manifestBytes({
    format: 1.1,
    id,
    owner: 'ana',
    folder: 'None',
    folderId: null,
    type: 'File Geodatabase',
    title: 'Big',
    stamp: '1700000000000',
    parts: [part, record],
    notes: [],
  });
  await commitNext(store, repository, {
    [`${folder}/backup.json`]: manifest,
    [`${folder}/item.json`]: small,
    [`${folder}/big.bin`]: pointer(sha256, size),
  });
  const read = { bytes: 0, open: 0 };
  let given: Buffer = bytes;
  const slow: BlobStore = Object.create(store) as BlobStore;
  Object.assign(slow, { get: store.get.bind(store), list: store.list.bind(store), stat: store.stat.bind(store) });
  async function* pieces(start: number, end: number) {
    read.open += 1;
    try {
      for (let at = start; at < end; at += 65_536) {
        const piece = await Promise.resolve(given.subarray(at, Math.min(end, at + 65_536)));
        read.bytes += piece.length;
        yield piece;
      }
    } finally {
      read.open -= 1;
    }
  }
  slow.stream = (name, range) =>
    name === largeName(sha256)
      ? Promise.resolve({
          info: { name, size, etag: 'e', modified: 0 },
          body: pieces(range?.start ?? 0, range === undefined ? size : range.start + range.length),
        })
      : store.stream(name, range);
  const items = openItems({ store: slow, repository }, testClock());
  return { items, read, spoil: (other: Buffer) => (given = other) };
}

type Body = ReadableStream<Uint8Array>;

test('a file of any size comes whole, in ranges and in a zip, as it is read', async () => {
  const { items, read } = await large();
  const whole = await items.part(id, 'latest', 'big.bin', null);
  assert.deepEqual([whole.status, (whole.headers as Record<string, string>)['content-length']], [200, String(size)]);
  assert.equal(read.bytes, 0, 'nothing is read before somebody reads the answer');
  assert.ok((await buffer(whole.body as Body)).equals(bytes));
  const piece = await items.part(id, 'latest', 'big.bin', 'bytes=1000-11000000');
  assert.equal(piece.status, 206);
  assert.ok((await buffer(piece.body as Body)).equals(bytes.subarray(1000, 11_000_001)));
  const zip = await items.zip(id, 'latest');
  const files = await unzip(await buffer(zip.body as Body));
  assert.ok([...files].find(([path]) => path.endsWith('big.bin'))?.[1].equals(bytes));
  read.bytes = 0;
  const several = await items.zipOf(new URLSearchParams({ item: id }));
  assert.equal(read.bytes, 0, 'a zip of several items is made as it is read');
  assert.ok([...(await unzip(await buffer(several.body as Body))).values()].some((file) => file.equals(bytes)));
});

test('who reads slowly holds up what is read for them, and who hangs up frees it', async () => {
  for (const what of ['part', 'zip']) {
    const { items, read } = await large();
    const answer = what === 'part' ? await items.part(id, 'latest', 'big.bin', null) : await items.zip(id, 'latest');
    const reader = (answer.body as Body).getReader();
    while (read.open === 0) await reader.read();
    for (let n = 0; n < 50; n++) await new Promise((resolve) => setImmediate(resolve));
    assert.ok(read.bytes < 4 * 1024 * 1024, `${what}: ${read.bytes} bytes were read for one piece`);
    assert.equal(read.open, 1, what);
    await reader.cancel();
    for (let n = 0; n < 50; n++) await new Promise((resolve) => setImmediate(resolve));
    assert.equal(read.open, 0, `${what} is still read for nobody`);
  }
});

test('of a file that is damaged nobody gets all bytes, or a zip that opens', async () => {
  const { items, spoil, read } = await large();
  const spoiled = Buffer.from(bytes);
  spoiled[size - 1] = 0;
  spoil(spoiled);
  const whole = await items.part(id, 'latest', 'big.bin', null);
  let got = 0;
  await assert.rejects(
    async () => {
      for await (const piece of whole.body as Body) got += piece.length;
    },
    { code: 'STORE_DAMAGED' },
  );
  assert.ok(got < size);
  const zip = await items.zip(id, 'latest');
  await assert.rejects(buffer(zip.body as Body), { code: 'STORE_DAMAGED' });
  assert.equal(read.open, 0);
});
