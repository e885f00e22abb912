import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { BackupError } from '../../lib/errors.ts';
import { largeName } from '../../lib/archive/layout.ts';
import { attributesLine, pointer, storeLarge } from '../../lib/archive/lfs.ts';
import type { BlobStore } from '../../lib/storage/blob-store.ts';
import { DirectoryStore } from '../../lib/storage/directory/directory.ts';
import { MemoryStore } from '../../lib/storage/memory.ts';
import { counting } from '../support/stores/counting.ts';
import { assertBytes, commitNext, countedNames, newArchive, testClock } from './archive.ts';
import { git, hasLfs, temporaryFolder } from '../git/stock-git.ts';

const chunk = Buffer.alloc(70_000, 'large ');
const whole = Buffer.concat([chunk, chunk, chunk]);
const sha256 = createHash('sha256').update(whole).digest('hex');

async function* body(failure?: Error): AsyncGenerator<Uint8Array> {
  yield chunk;
  yield chunk;
  if (failure) throw failure;
  yield await Promise.resolve(chunk);
}

async function* pieces(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 33_333) yield await Promise.resolve(bytes.subarray(at, at + 33_333));
}

async function namesOf(store: BlobStore): Promise<string[]> {
  const names = [];
  for await (const { name } of store.list('')) names.push(name);
  return names;
}

test('a large file lies under its SHA-256, and nothing else is left', async () => {
  const store = new MemoryStore({ clock: testClock() });
  const large = await storeLarge(store, body(), { random: countedNames('l'), expectedBytes: whole.length });
  assert.deepEqual(large, { sha256, size: whole.length });
  const name = `lfs/objects/${sha256.slice(0, 2)}/${sha256.slice(2, 4)}/${sha256}`;
  assert.deepEqual(await namesOf(store), [name]);
  assertBytes((await store.get(name))?.bytes, whole);
});

test('a large file that lies there damaged, cut or not, is replaced by a whole one', async () => {
  const store = new MemoryStore({ clock: testClock() });
  const random = countedNames('l');
  await storeLarge(store, body(), { random });
  const [name = ''] = await namesOf(store);
  for (const damaged of [Buffer.from('cut'), Buffer.alloc(whole.length)]) {
    await store.put(name, damaged);
    await storeLarge(store, body(), { random });
    assertBytes((await store.get(name))?.bytes, whole);
  }
  assert.deepEqual(await namesOf(store), [name]);
});

test('an object of months ago is written again by whoever names it anew: nothing may have named it, and it may be about to go', async () => {
  const clock = testClock();
  const store = new MemoryStore({ clock });
  const random = countedNames('l');
  await storeLarge(store, body(), { random });
  const first = await store.stat(largeName(sha256));
  clock.advance(29 * 86_400_000);
  await storeLarge(store, body(), { random });
  assert.deepEqual(await store.stat(largeName(sha256)), first);
  clock.advance(2 * 86_400_000);
  await storeLarge(store, body(), { random });
  await store.delete(largeName(sha256), first?.etag);
  assertBytes((await store.get(largeName(sha256)))?.bytes, whole);
});

test('a file that is the same as before writes nothing; one that differs anywhere, or lies there damaged, is stored whole', async () => {
  const store = new MemoryStore({ clock: testClock() });
  const random = countedNames('l');
  const like = await storeLarge(store, body(), { random });
  const [name = ''] = await namesOf(store);
  const counted = counting(store);
  const writes = () => counted.requests.log.filter(({ verb }) => verb !== 'stream' && verb !== 'stat');
  assert.deepEqual(await storeLarge(counted.store, body(), { random, like }), like);
  assert.deepEqual(writes(), []);
  const changed = (at: number) => {
    const bytes = Buffer.from(whole);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    return bytes;
  };
  const others = [0, 69_999, 70_000, 150_000, whole.length - 1].map(changed);
  for (const other of [...others, whole.subarray(0, 100_000), Buffer.concat([whole, chunk])]) {
    const large = await storeLarge(store, pieces(other), { random, like });
    assertBytes((await store.get(largeName(large.sha256)))?.bytes, other);
    assert.equal(large.sha256, createHash('sha256').update(other).digest('hex'));
  }
  const damages = [...others, whole.subarray(0, 100_000), Buffer.concat([whole, chunk]), Buffer.alloc(0)];
  for (const damaged of damages) {
    await store.put(name, damaged);
    assert.deepEqual(await storeLarge(store, body(), { random, like }), like);
    assertBytes((await store.get(name))?.bytes, whole);
    // The portal has now what the damage made of it.
    await store.put(name, damaged);
    const large = await storeLarge(store, pieces(damaged), { random, like });
    assertBytes((await store.get(largeName(large.sha256)))?.bytes, damaged);
    await store.put(name, whole);
  }
  await store.delete(name);
  assert.deepEqual(await storeLarge(store, body(), { random, like }), like);
  assertBytes((await store.get(name))?.bytes, whole);
  await assert.rejects(storeLarge(store, body(new BackupError('ITEM_TRUNCATED', 'x')), { random, like }), {
    code: 'ITEM_TRUNCATED',
  });
  assert.deepEqual(await Array.fromAsync(store.list('ago-backup/')), []);
});

test('an object that is replaced while a file is read beside it is never mixed into the file', async () => {
  const store = new MemoryStore({ clock: testClock() });
  const random = countedNames('l');
  const like = await storeLarge(store, body(), { random });
  async function* replacing() {
    yield chunk;
    await store.put(largeName(like.sha256), Buffer.alloc(whole.length));
    yield Buffer.from('something else');
  }
  await assert.rejects(storeLarge(store, replacing(), { random, like }), {
    code: 'STORE_UNREACHABLE',
    retryable: true,
  });
});

test('a body that breaks off leaves nothing and keeps its own error', async () => {
  const store = new MemoryStore({ clock: testClock() });
  const broken = new BackupError('ITEM_TRUNCATED', 'The connection broke off.');
  await assert.rejects(storeLarge(store, body(broken), { random: countedNames('l') }), broken);
  assert.deepEqual(await namesOf(store), []);
});

test('a body of the wrong length is refused and leaves nothing', async () => {
  const store = new MemoryStore({ clock: testClock() });
  const storing = storeLarge(store, body(), { random: countedNames('l'), expectedBytes: whole.length + 1 });
  await assert.rejects(storing, { name: 'BackupError', code: 'ITEM_TRUNCATED' });
  assert.deepEqual(await namesOf(store), []);
});

test('the pointer is the text that git-lfs writes', async (t) => {
  const ours = pointer(sha256, whole.length).toString();
  assert.equal(ours, `version https://git-lfs.github.com/spec/v1\noid sha256:${sha256}\nsize ${whole.length}\n`);
  if (!hasLfs) return;
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, 'f'), whole);
  assert.equal(await git(folder, 'lfs', 'pointer', '--file=f'), ours);
});

for (const name of [
  'data.zip',
  'a file.zip',
  ' leading and trailing ',
  '!important',
  '#1',
  'a*b?[c]',
  '[a-z].zip',
  'quo"ted',
  'back\\slash',
  '\\*',
  'Übersicht 😀.zip',
  'tab\there',
  '-text',
  '[attr]x',
  '**',
  "it's $(here).zip",
]) {
  test(`the attributes line for ${JSON.stringify(name)} means this file and no other`, async (t) => {
    const folder = await temporaryFolder(t);
    await git(folder, 'init', '--quiet');
    await writeFile(join(folder, '.gitattributes'), attributesLine(name));
    const check = (path: string) => git(folder, 'check-attr', '-z', 'filter', 'text', '--', path);
    assert.equal(await check(name), `${name}\0filter\0lfs\0${name}\0text\0unset\0`);
    for (const other of [`sub/${name}`, `x${name}`, `${name}x`, 'aXbYc', 'b.zip']) {
      if (other === name) continue;
      assert.match(await check(other), /\0filter\0unspecified\0/, other);
    }
  });
}

test(
  'a clone of the folder brings the large file along',
  { skip: !hasLfs && 'git-lfs is not installed' },
  async (t) => {
    const folder = await temporaryFolder(t);
    const path = join(folder, 'backup.git');
    const { store, repository } = await newArchive('lfs', new DirectoryStore(path, { clock: testClock() }));
    const large = await storeLarge(store, body(), { random: countedNames('l') });
    const name = 'a [large] file.zip';
    const files = { [`i/${name}`]: pointer(large.sha256, large.size), 'i/.gitattributes': attributesLine(name) };
    await commitNext(store, repository, files);
    const filter = ['-c', 'filter.lfs.smudge=git-lfs smudge -- %f', '-c', 'filter.lfs.process=git-lfs filter-process'];
    await git(folder, ...filter, '-c', 'filter.lfs.required=true', 'clone', '--quiet', path, 'clone');
    assertBytes(await readFile(join(folder, 'clone', 'i', name)), whole);
  },
);
