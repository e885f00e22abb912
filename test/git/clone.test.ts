import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { tidyUp } from '../../lib/upkeep/maintain/maintain.ts';
import type { BlobStore } from '../../lib/storage/blob-store.ts';
import { DirectoryStore } from '../../lib/storage/directory/directory.ts';
import { MemoryStore } from '../../lib/storage/memory.ts';
import { commitNext, countedNames, dump, newArchive, testClock } from '../archive/archive.ts';
import { git, temporaryFolder } from './stock-git.ts';

const binary = Buffer.from(Array.from({ length: 5000 }, (_, n) => (n * 7919) % 256));

/** Three commits with everything that may go wrong in a tree. */
async function fillArchive(store: Parameters<typeof commitNext>[0], repository: Parameters<typeof commitNext>[1]) {
  const first = await commitNext(store, repository, {
    'README.md': 'read me\n',
    'content/ana/None/Web Map/Parcels/item.json': '{"a":1}',
    'content/ana/None/Web Map/Parcels.json/item.json': '{"b":2}',
    'content/ana/None/Web Map/Parcels-old/data.bin': binary,
    'content/ben/None/CSV/x/empty.txt': '',
  });
  const second = await commitNext(
    store,
    repository,
    {
      'content/ben/None/CSV/x/empty.txt': null,
      'content/ana/None/Web Map/😀 map/item.json': '{"c":3}',
      'content/ana/None/Web Map/！ map/item.json': '{"d":4}',
      'content/ana/None/Web Map/Ünïcode "quoted" $(rm) name/item.json': '{"e":5}',
    },
    'Second',
  );
  const third = await commitNext(
    store,
    repository,
    { 'content/ana/None/Web Map/Parcels/item.json': '{"a":2}' },
    'Third',
  );
  return [first, second, third];
}

async function checkClone(source: string, folder: string, commits: string[]) {
  await git(folder, 'clone', '--quiet', source, 'clone');
  const clone = join(folder, 'clone');
  await git(clone, 'fsck', '--strict', '--full');
  assert.deepEqual((await git(clone, 'log', '--format=%H')).trim().split('\n'), commits.toReversed());
  assert.deepEqual(await readFile(join(clone, 'content/ana/None/Web Map/Parcels-old/data.bin')), binary);
  assert.equal(await readFile(join(clone, 'content/ana/None/Web Map/Parcels/item.json'), 'utf8'), '{"a":2}');
  assert.equal(await readFile(join(clone, 'content/ana/None/Web Map/😀 map/item.json'), 'utf8'), '{"c":3}');
  const names = (await git(clone, 'ls-tree', '--name-only', '-z', 'HEAD:content')).split('\0');
  assert.deepEqual(names, ['ana', ''], 'a member with nothing left has no folder');
}

test('a directory store is a bare repository that stock git clones and finds sound', async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'backup.git');
  const { store, repository } = await newArchive('directory', new DirectoryStore(path, { clock: testClock() }));
  const commits = await fillArchive(store, repository);
  await git(path, 'fsck', '--strict', '--full');
  await checkClone(path, folder, commits);
});

test('every pack passes verify-pack, and its author and message are the ones given', async (t) => {
  const folder = await temporaryFolder(t);
  const { store, repository } = await newArchive();
  await fillArchive(store, repository);
  await dump(store, folder);
  let packs = 0;
  for await (const { name } of store.list('objects/pack/')) {
    if (!name.endsWith('.idx')) continue;
    packs += 1;
    await git(folder, 'verify-pack', '-v', name);
  }
  assert.equal(packs, 3);
  const format = '--format=%an <%ae> %at %cn %ct %s';
  const by = 'ago-backup <ago-backup@localhost> 1700000000 ago-backup 1700000000';
  assert.equal(await git(folder, 'log', '-1', format), `${by} Third\n`);
});

/** The store as a server of static files; `before` is waited for at each request. */
async function serve(t: TestContext, store: BlobStore, before = (_name: string) => Promise.resolve()): Promise<string> {
  const answer = async (name: string) => {
    const blob = await store.get(name);
    await before(name);
    return blob;
  };
  const server = createServer((request, response) => {
    const name = new URL(request.url ?? '', 'http://localhost').pathname.slice(1);
    void answer(name).then((blob) => response.writeHead(blob ? 200 : 404).end(blob?.bytes));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('stock git clones over plain HTTP from a server of static files', async (t) => {
  const folder = await temporaryFolder(t);
  const { store, repository } = await newArchive();
  const commits = await fillArchive(store, repository);
  await checkClone(await serve(t, store), folder, commits);
});

test('a clone that read the list of packs before they were merged and swept finds them all', async (t) => {
  const folder = await temporaryFolder(t);
  const clock = testClock();
  const { store, repository } = await newArchive('busy', new MemoryStore({ clock }));
  const commits = await fillArchive(store, repository);
  for (let n = 0; n < 20; n++) commits.push(await commitNext(store, repository, { [`more${n}`]: `${n}` }, `More ${n}`));
  // Old packs of a young merge: their own age must not count.
  clock.advance(100 * 86_400_000);
  let tidied = 0;
  const address = await serve(t, store, async (name) => {
    if (name !== 'objects/info/packs' || tidied++ > 0) return;
    await tidyUp({ store, repository, clock, random: countedNames('tidy') });
    commits.push(await commitNext(store, repository, { late: 'late' }, 'Late'));
  });
  await checkClone(address, folder, commits.slice(0, 23));
  assert.equal(tidied, 1);
  await checkClone(await serve(t, store), await temporaryFolder(t), commits);
});
