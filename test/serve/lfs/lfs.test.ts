import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { attributesLine, pointer, storeLarge } from '../../../lib/archive/lfs.ts';
import { largeName } from '../../../lib/archive/layout.ts';
import { sha256 } from '../../../lib/archive/sha256.ts';
import { DirectoryStore } from '../../../lib/storage/directory/directory.ts';
import { commitNext, countedNames, newArchive, testClock } from '../../archive/archive.ts';
import { git, hasLfs, temporaryFolder } from '../../git/stock-git.ts';
import { serveStore } from '../served.ts';

const bytes = Buffer.alloc(300_000, 'large');
const oid = sha256(bytes);

/** An archive with one large file, served. */
async function served(t: TestContext, settings: Record<string, string> = {}, isOpen = true) {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'backup.git');
  const { store, repository } = await newArchive('large', new DirectoryStore(path, { clock: testClock() }));
  await storeLarge(store, bodyOf(bytes), { random: countedNames('large') });
  const file = 'content/ana/None/PDF/Plan/plan.pdf';
  await commitNext(store, repository, {
    [file]: pointer(oid, bytes.length),
    'content/ana/None/PDF/Plan/.gitattributes': attributesLine('plan.pdf'),
  });
  const { url, host } = await serveStore(t, path, { settings, isOpen });
  const batch = async (body: unknown, headers: Record<string, string> = {}) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const answer = await fetch(`${url}/info/lfs/objects/batch`, { method: 'POST', body: text, headers });
    assert.equal(answer.headers.get('content-type'), 'application/vnd.git-lfs+json');
    return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Record<string, unknown> };
  };
  return { folder, path, store, url, host, batch, file };
}

async function* bodyOf(content: Buffer) {
  yield await Promise.resolve(content);
}

test('a batch says for each object where it is, or that it is not there', async (t) => {
  const { url, batch } = await served(t);
  const lost = 'f'.repeat(64);
  const { status, body } = await batch({
    operation: 'download',
    transfers: ['ssh', 'basic'],
    ref: { name: 'refs/heads/main' },
    objects: [
      { oid, size: bytes.length },
      { oid: lost, size: 5 },
      { oid, size: 5 },
      { oid: '../../HEAD', size: 1 },
    ],
  });
  assert.equal(status, 200);
  const { objects, transfer } = body as { objects: Record<string, unknown>[]; transfer: string };
  assert.equal(transfer, 'basic');
  assert.deepEqual(objects[0], {
    oid,
    size: bytes.length,
    authenticated: true,
    actions: { download: { href: `${url}/info/lfs/objects/${oid}` } },
  });
  assert.deepEqual(
    objects.slice(1).map(({ error }) => (error as { code: number }).code),
    [404, 422, 422],
  );
});

for (const [what, body, status] of [
  ['an upload', { operation: 'upload', objects: [{ oid, size: 1 }] }, 403],
  ['another kind of hash', { operation: 'download', objects: [], hash_algo: 'sha512' }, 409],
  ['no JSON', '{', 400],
  ['no batch', { objects: 7 }, 422],
  ['more objects than anybody needs', { operation: 'download', objects: Array(1001).fill({ oid, size: 1 }) }, 413],
  ['an endless text', ' '.repeat(1_100_000), 413],
] as const) {
  test(`a batch that is ${what} is refused with ${status} and a sentence`, async (t) => {
    const { batch } = await served(t);
    const answer = await batch(body);
    assert.equal(answer.status, status);
    assert.match(String(answer.body['message']), /\.$/);
  });
}

test('an object streams, whole or in part, as a file that no browser shows', async (t) => {
  const { url } = await served(t);
  const get = (range?: string, id = oid) =>
    fetch(`${url}/info/lfs/objects/${id}`, { headers: range === undefined ? {} : { range } });
  const whole = await get();
  assert.deepEqual([whole.status, whole.headers.get('content-length')], [200, String(bytes.length)]);
  assert.equal(whole.headers.get('content-disposition'), 'attachment');
  assert.equal(whole.headers.get('x-content-type-options'), 'nosniff');
  assert.equal(sha256(Buffer.from(await whole.arrayBuffer())), oid);
  for (const [range, start, end] of [
    ['bytes=100-', 100, 300_000],
    ['bytes=100-199', 100, 200],
    ['bytes=-7', 299_993, 300_000],
    ['bytes=299990-999999999', 299_990, 300_000],
  ] as const) {
    const part = await get(range);
    assert.equal(part.status, 206, range);
    assert.equal(part.headers.get('content-range'), `bytes ${start}-${end - 1}/300000`);
    assert.ok(Buffer.from(await part.arrayBuffer()).equals(bytes.subarray(start, end)));
  }
  const behind = await get('bytes=300000-');
  assert.deepEqual([behind.status, behind.headers.get('content-range')], [416, 'bytes */300000']);
  for (const id of ['f'.repeat(64), 'HEAD', '..%2F..%2FHEAD', oid.toUpperCase()])
    assert.equal((await get(undefined, id)).status, 404);
});

test('nobody holds a lock, and nobody gets one', async (t) => {
  const { url } = await served(t);
  const locks = `${url}/info/lfs/locks`;
  assert.deepEqual(await (await fetch(locks)).json(), { locks: [] });
  assert.equal((await fetch(`${locks}/verify`, { method: 'POST', body: '{}' })).status, 200);
  for (const path of ['', '/7/unlock'])
    assert.equal((await fetch(locks + path, { method: 'POST', body: '{}' })).status, 403);
});

test('a fresh clone has every large file', { skip: !hasLfs && 'git-lfs is not installed' }, async (t) => {
  const { folder, url, file } = await served(t);
  await lfsClone(folder, url);
  assert.equal(sha256(await readFile(join(folder, 'clone', file))), oid);
});

test('so has one that gives its key once', { skip: !hasLfs && 'git-lfs is not installed' }, async (t) => {
  const { folder, url, file } = await served(t, { ARCHIVE_READ_KEY: 'look-only' }, false);
  await lfsClone(folder, url.replace('//', '//git:look-only@'));
  assert.equal(sha256(await readFile(join(folder, 'clone', file))), oid);
});

test(
  'what the archive has lost is named, and the rest of the clone is there',
  { skip: !hasLfs && 'git-lfs is not installed' },
  async (t) => {
    const { folder, url, store } = await served(t);
    await store.delete(largeName(oid));
    await assert.rejects(lfsClone(folder, url), /does not have this object/);
  },
);

/** As after `git lfs install`. */
function lfsClone(folder: string, url: string): Promise<string> {
  const filter = [
    'clean=git-lfs clean -- %f',
    'smudge=git-lfs smudge -- %f',
    'process=git-lfs filter-process',
    'required=true',
  ];
  return git(folder, ...filter.flatMap((line) => ['-c', `filter.lfs.${line}`]), 'clone', '--quiet', url, 'clone');
}
