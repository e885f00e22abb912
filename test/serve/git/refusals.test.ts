import assert from 'node:assert/strict';
import { buffer } from 'node:stream/consumers';
import { test, type TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import { packName } from '../../../lib/git/layout.ts';
import { mark, packet } from '../../../lib/serve/git/pkt-line.ts';
import { serveGit } from '../../../lib/serve/git/serve.ts';
import type { BlobStore } from '../../../lib/storage/blob-store.ts';
import { commitNext, newArchive } from '../../archive/archive.ts';
import { VirtualClock } from '../../support/clock.ts';

/** A served archive in memory, and a client that says what it likes. */
async function served(t: TestContext, files: Record<string, string | Buffer> = { 'a.txt': 'a' }) {
  const { store, repository } = await newArchive();
  const head = await commitNext(store, repository, files);
  const failures: unknown[] = [];
  t.after(() => undefined);
  const ask = async (body: Buffer, { encoding = null as string | null, from = store } = {}) => {
    const protocol = { protocol: 'version=2', failed: (error: unknown) => void failures.push(error) };
    const answer = await serveGit(from, new VirtualClock()).uploadPack({ encoding, body: pieces(body) }, protocol);
    return { ...answer, text: (await buffer(answer.body)).toString('latin1') };
  };
  return { store, repository, head, ask, failures };
}

async function* pieces(body: Buffer) {
  for (let at = 0; at < body.length; at += 65_536) yield await Promise.resolve(body.subarray(at, at + 65_536));
}

const command = (name: string, ...lines: string[]) =>
  Buffer.concat([
    packet(`command=${name}\n`),
    packet('object-format=sha1'),
    mark('delim'),
    ...lines.map((line) => packet(`${line}\n`)),
    mark('flush'),
  ]);
const fetching = (...lines: string[]) => command('fetch', ...lines, 'done');

for (const [what, body, status, sentence] of [
  ['a packet that is cut', Buffer.from('0032want'), 400, /cut/],
  ['a packet whose length is no number', Buffer.from('zzzz'), 400, /cut/],
  ['a request without command', Buffer.concat([packet('want x'), mark('flush')]), 400, /names no command/],
  ['a want that is no id', fetching('want main'), 400, /no id of an object/],
  ['a depth that is no number', fetching('deepen -1'), 400, /no number/],
] as const) {
  test(`${what} is refused with ${status} and a sentence, and logged nowhere`, async (t) => {
    const { ask, failures } = await served(t);
    const answer = await ask(body);
    assert.equal(answer.status, status);
    assert.match(answer.text, sentence);
    assert.deepEqual(failures, []);
  });
}

for (const [what, body, sentence] of [
  ['a want that was never there', fetching(`want ${'f'.repeat(40)}`), /ERR upload-pack: not our ref f{40}/],
  [
    'a filter that it does not know',
    fetching('filter sparse:oid=HEAD'),
    /ERR The filter 'sparse:oid=HEAD' is not known/,
  ],
  ['a word that it does not know', fetching('dance'), /ERR .*'dance'/],
  ['a command that it does not know', command('object-info'), /ERR .*'object-info'/],
  ['a branch that is not there', fetching('deepen-not nowhere'), /ERR .*'nowhere'/],
] as const) {
  test(`${what} is refused in git's own words`, async (t) => {
    const { ask, failures } = await served(t);
    const answer = await ask(body);
    assert.deepEqual([answer.status, failures], [200, []]);
    assert.match(answer.text, sentence);
  });
}

test('an endless request is cut off, and so is one that unpacks to an endless one', async (t) => {
  const { ask } = await served(t);
  const endless = Buffer.alloc(33 * 1024 * 1024, '0');
  assert.equal((await ask(endless)).status, 413);
  assert.equal((await ask(gzipSync(endless, { level: 1 }), { encoding: 'gzip' })).status, 413);
  assert.equal((await ask(Buffer.from('no gzip'), { encoding: 'gzip' })).status, 400);
  assert.equal((await ask(Buffer.from('x'), { encoding: 'br' })).status, 415);
});

test('a request that git packed is read', async (t) => {
  const { ask, head } = await served(t);
  const answer = await ask(gzipSync(command('ls-refs', 'symrefs', 'ref-prefix HEAD')), { encoding: 'gzip' });
  assert.match(answer.text, new RegExp(`${head} HEAD symref-target:refs/heads/main`));
});

test('an empty archive has no names, and says where the first will be', async () => {
  const { store } = await newArchive();
  const protocol = { protocol: 'version=2', failed: (error: unknown) => assert.fail(String(error)) };
  const answer = await serveGit(store, new VirtualClock()).uploadPack(
    { encoding: null, body: pieces(command('ls-refs', 'unborn', 'symrefs')) },
    protocol,
  );
  assert.match((await buffer(answer.body)).toString(), /unborn HEAD symref-target:refs\/heads\/main/);
});

test('no byte of a pack can be spoiled so that a client gets a pack that looks whole', async (t) => {
  const { store, head, ask, failures } = await served(t, {
    'a.txt': 'a'.repeat(100),
    'b/c.bin': Buffer.alloc(3000, 7),
  });
  const whole = await ask(fetching(`want ${head}`));
  assert.equal(whole.text.slice(-4), '0000');
  const pack = await packOf(store);
  const bytes = (await store.get(pack))?.bytes ?? assert.fail();
  for (let at = 12; at < bytes.length - 20; at += 7) {
    const spoiled = Buffer.from(bytes);
    spoiled[at] = (spoiled[at] ?? 0) ^ 0xff;
    const from: BlobStore = over(store, pack, spoiled);
    failures.length = 0;
    const answer = await ask(fetching(`want ${head}`), { from });
    assert.match(answer.text, /\x03.*damaged|ERR .*damaged/s, `byte ${at}`);
    assert.equal(failures.length, 1);
  }
});

test('an object that another pack holds undamaged comes from there', async (t) => {
  const { store, repository, head, ask } = await served(t, { 'a.txt': 'a'.repeat(100) });
  const pack = await packOf(store);
  const bytes = (await store.get(pack))?.bytes ?? assert.fail();
  // The same objects once more, in a pack that is listed behind the damaged one.
  const twin = '1'.repeat(40);
  await store.put(packName(twin), bytes);
  await store.put(
    packName(twin).replace('.pack', '.idx'),
    (await store.get(pack.replace('.pack', '.idx')))?.bytes ?? bytes,
  );
  const list = (await store.get('objects/info/packs'))?.bytes.toString() ?? '';
  await store.put('objects/info/packs', Buffer.from(`${list.trim()}\nP pack-${twin}.pack\n\n`));
  const spoiled = Buffer.from(bytes);
  for (let at = 12; at < bytes.length - 20; at++) spoiled[at] = 0xff;
  const answer = await ask(fetching(`want ${head}`), { from: over(store, pack, spoiled) });
  assert.equal(answer.text.slice(-4), '0000');
  assert.doesNotMatch(answer.text, /damaged/);
  assert.ok(repository);
});

async function packOf(store: BlobStore): Promise<string> {
  for await (const { name } of store.list('objects/pack/')) if (name.endsWith('.pack')) return name;
  return assert.fail();
}

/** The store with other bytes in one blob. */
function over(store: BlobStore, name: string, bytes: Buffer): BlobStore {
  const blob = { name, size: bytes.length, etag: 'spoiled', modified: 0 };
  const cut = (range?: { start: number; length: number }) =>
    range === undefined ? bytes : bytes.subarray(range.start, range.start + range.length);
  const spoiled: BlobStore = Object.create(store) as BlobStore;
  spoiled.get = (other, range) =>
    other === name ? Promise.resolve({ ...blob, bytes: Buffer.from(cut(range)) }) : store.get(other, range);
  spoiled.stream = (other, range) =>
    other === name ? Promise.resolve({ info: blob, body: pieces(cut(range)) }) : store.stream(other, range);
  spoiled.list = (prefix) => store.list(prefix);
  spoiled.stat = (other) => store.stat(other);
  return spoiled;
}
