import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { promisify } from 'node:util';
import { systemClock } from '../../../lib/clock.ts';
import { toStoreError } from '../../../lib/storage/directory/errors.ts';
import { DirectoryStore } from '../../../lib/storage/directory/directory.ts';
import { namesOf, need, noise, pieces } from '../bodies.ts';
import { storeContract } from '../contract.ts';
import { inFolder } from '../folder.ts';

const run = promisify(execFile);

storeContract('directory', async () => {
  const folder = await fs.mkdtemp(join(tmpdir(), 'ago-store-'));
  const store = new DirectoryStore(join(folder, 'backup.git'), { clock: systemClock });
  return { store, close: () => fs.rm(folder, { recursive: true }) };
});

it('blobs are plain files, and nothing else is left in the directory', () =>
  inFolder(async (root, store) => {
    await store.put('refs/heads/main', Buffer.from('1'));
    await store.putStream('objects/pack/pack-1.pack', pieces(Buffer.from('abc'), 1));
    assert.equal(await fs.readFile(join(root, 'refs/heads/main'), 'utf8'), '1');
    assert.equal(await fs.readFile(join(root, 'objects/pack/pack-1.pack'), 'utf8'), 'abc');
    const files = await fs.readdir(root, { recursive: true, withFileTypes: true });
    assert.deepEqual(
      files
        .filter((file) => file.isFile())
        .map(({ name }) => name)
        .sort(),
      ['main', 'pack-1.pack'],
    );
  }));

it('stock git takes the directory for a bare repository, and its commits are blobs', () =>
  inFolder(async (root, store) => {
    await store.put('HEAD', Buffer.from('ref: refs/heads/main\n'));
    await store.put('config', Buffer.from('[core]\n\trepositoryformatversion = 0\n\tbare = true\n'));
    const git = async (...args: string[]) => (await run('git', ['--git-dir', root, ...args])).stdout.trim();
    const tree = await git('hash-object', '-t', 'tree', '-w', '/dev/null');
    const identity = ['-c', 'user.name=test', '-c', 'user.email=test@example.org'];
    const commit = await git(...identity, 'commit-tree', tree, '-m', 'first');
    await git('update-ref', 'refs/heads/main', commit);
    assert.equal((await need(store.get('refs/heads/main'))).bytes.toString(), `${commit}\n`);
    await git('fsck', '--strict');
  }));

it('folders go with their last blob, but never those that make it a repository', () =>
  inFolder(async (root, store) => {
    for (const name of ['ago-backup/runs/1/staged/a', 'lfs/objects/aa/bb/c', 'refs/heads/main', 'objects/pack/p']) {
      await store.put(name, Buffer.from('x'));
      await store.delete(name);
    }
    assert.deepEqual((await fs.readdir(root)).sort(), ['ago-backup', 'objects', 'refs']);
    assert.deepEqual(await fs.readdir(join(root, 'ago-backup')), ['.tmp']);
  }));

it('temporary files and locks are no blobs: not listed, not to be named', () =>
  inFolder(async (root, store) => {
    await fs.writeFile(join(root, 'ago-backup/.tmp/99-left'), 'half');
    await fs.mkdir(join(root, 'refs/heads'));
    await fs.writeFile(join(root, 'refs/heads/main.lock'), 'taken by git');
    await store.put('package.lock', Buffer.from('a blob'));
    assert.deepEqual(await namesOf(store.list('')), ['package.lock']);
    assert.deepEqual(await namesOf(store.list('ago-backup/.tmp/')), []);
    for (const name of ['ago-backup/.tmp/99-left', 'refs/heads/main.lock', 'ago-backup/.tmp']) {
      await assert.rejects(store.get(name), TypeError);
      await assert.rejects(store.put(name, Buffer.from('x')), TypeError);
    }
  }));

it('creating the store removes temporary files older than a day, and younger ones stay', () =>
  inFolder(async (root, store) => {
    for (const [name, hours] of [
      ['old', 25],
      ['young', 23],
    ] as const) {
      const path = join(root, 'ago-backup/.tmp', name);
      await fs.writeFile(path, 'half');
      await fs.utimes(path, Date.now() / 1000 - hours * 3600, Date.now() / 1000 - hours * 3600);
    }
    await store.create();
    assert.deepEqual(await fs.readdir(join(root, 'ago-backup/.tmp')), ['young']);
  }));

it('the time of a blob is that of the clock it was given', () =>
  inFolder(async (root) => {
    const now = 1_763_865_123_457;
    const store = new DirectoryStore(root, { clock: { now: () => now, sleep: () => Promise.resolve() } });
    await store.put('small', Buffer.from('x'));
    const info = await store.putStream('large', pieces(noise(2_000_000), 65_536));
    assert.deepEqual([info.modified, (await need(store.stat('small'))).modified], [now, now]);
  }));

it('writing the same number of other bytes at once changes the ETag, however coarse the clock', () =>
  inFolder(async (root) => {
    const store = new DirectoryStore(root, { clock: { now: () => 0, sleep: () => Promise.resolve() } });
    const etags = new Set<string | undefined>();
    for (let n = 0; n < 200; n++)
      etags.add(await store.put('refs/heads/main', Buffer.from(String(n).padStart(40, '0'))));
    assert.equal(etags.size, 200);
  }));

it('a full disk is STORE_FULL, and the old blob stays', () =>
  inFolder(async (root, store) => {
    await store.put('blob', Buffer.from('old'));
    // The device fails every write with ENOSPC; random is fixed, so the temporary file can be that device.
    await fs.symlink('/dev/full', join(root, 'ago-backup/.tmp', `${process.pid}-random`));
    await assert.rejects(store.put('blob', Buffer.from('new')), { name: 'BackupError', code: 'STORE_FULL' });
    assert.equal((await need(store.get('blob'))).bytes.toString(), 'old');
    assert.deepEqual(await fs.readdir(join(root, 'ago-backup/.tmp')), []);
  }));

it('a place where no folder can be made is refused at once, and never asked for ever', async () => {
  // There mkdir says ENOENT of a folder whose parent is there.
  const place = process.platform === 'linux' ? '/proc/nowhere/backup.git' : join(process.execPath, 'backup.git');
  const store = new DirectoryStore(place, { clock: systemClock });
  await assert.rejects(store.create(), { code: 'STORE_UNREACHABLE', hint: /Check the path/ });
  await assert.rejects(store.put('HEAD', Buffer.from('x')), { code: 'STORE_UNREACHABLE' });
});

it('a disk that can only be read is called that, and not a path that is not there', async (t) => {
  const lib = new URL('../../../lib/', import.meta.url).href;
  const script = `
    const { DirectoryStore } = await import('${lib}storage/directory.ts');
    const store = new DirectoryStore(process.argv[1] + '/a/b', { clock: { now: Date.now } });
    const said = await store.create().catch((error) => error.toJSON());
    console.log(JSON.stringify(said));`;
  const folder = await fs.mkdtemp(join(tmpdir(), 'ago-store-'));
  const inside = 'mount -t tmpfs -o ro none "$1" || exit 9; exec "$2" --input-type=module -e "$3" "$1"';
  const isolated = ['-rm', 'sh', '-c', inside, 'sh', folder, process.execPath, script];
  try {
    const { stdout } = await run('unshare', isolated);
    const said = JSON.parse(stdout) as { code: string; message: string };
    assert.equal(said.code, 'STORE_REFUSED');
    assert.match(said.message, /lies on a disk that can only be read \(EROFS\)\./);
  } catch (error) {
    const { code, stdout = '' } = error as { code?: unknown; stdout?: string };
    if (stdout !== '' || error instanceof assert.AssertionError) throw error;
    t.skip(`no disk can be mounted here (${String(code)})`);
  } finally {
    await fs.rm(folder, { recursive: true });
  }
});

it('a place where this account may not write is STORE_REFUSED, and one that is no directory STORE_UNREACHABLE', async () => {
  const refused = new DirectoryStore('/sys/ago-backup', { clock: systemClock });
  await assert.rejects(refused.create(), { name: 'BackupError', code: 'STORE_REFUSED' });
  const file = new DirectoryStore('/dev/null', { clock: systemClock });
  await assert.rejects(file.create(), { name: 'BackupError', code: 'STORE_UNREACHABLE' });
});

it('errors of the disk have their codes, and what is no error of the disk stays itself', () => {
  const cases = {
    ENOSPC: 'FULL',
    EDQUOT: 'FULL',
    EACCES: 'REFUSED',
    EPERM: 'REFUSED',
    EROFS: 'REFUSED',
    EIO: 'UNREACHABLE',
  };
  for (const [code, wanted] of Object.entries(cases)) {
    const error = toStoreError(Object.assign(new Error(code), { code }), 'file:/x');
    assert.equal((error as { code: string }).code, `STORE_${wanted}`, code);
  }
  const other = new TypeError('a defect');
  assert.equal(toStoreError(other, 'file:/x'), other);
});

it('a stream whose file is replaced before it is read fails instead of giving other bytes', () =>
  inFolder(async (_root, store) => {
    await store.put('blob', Buffer.from('first'));
    const { body } = await need(store.stream('blob'));
    await store.put('blob', Buffer.from('other'));
    await assert.rejects(body[Symbol.asyncIterator]().next(), { code: 'STORE_UNREACHABLE', retryable: true });
  }));

it('writes and deletes that share a folder take it from nobody', () =>
  inFolder(async (root) => {
    const store = new DirectoryStore(root, { clock: systemClock });
    const lane = async (_: unknown, n: number) => {
      for (let round = 0; round < 40; round++) {
        await store.put(`deep/folder/${n}`, Buffer.from('x'));
        await store.delete(`deep/folder/${n}`);
      }
    };
    await Promise.all(Array.from({ length: 8 }, lane));
    assert.deepEqual(await namesOf(store.list('deep/')), []);
  }));

it('what was written outlives a power cut: the entry of every folder on the way to it is on the disk', async (t) => {
  const above = await fs.mkdtemp(join(tmpdir(), 'ago-store-'));
  t.after(() => fs.rm(above, { recursive: true }));
  const root = join(above, 'of/the/organization/backup.git');
  // What a disk keeps of folders: those that were synced since the entry was made.
  const safe = new Set([above]);
  const sync = async (folder: string) => {
    await setImmediate();
    for (const { name } of await fs.readdir(folder, { withFileTypes: true })) safe.add(join(folder, name));
  };
  const store = new DirectoryStore(root, { clock: systemClock, sync });
  const assertSafe = (name: string) => {
    for (let each = join(root, name); each !== above; each = dirname(each)) assert.ok(safe.has(each), each);
  };
  await store.create();
  assertSafe('objects');
  const names = ['lfs/objects/aa/bb/1', 'lfs/objects/aa/bb/2', 'lfs/objects/aa/cc/3', 'refs/heads/main', 'HEAD'];
  // At the same time: who finds a folder that another one has just made must not rely on it.
  await Promise.all(names.map((name) => store.put(name, Buffer.from('x')).then(() => assertSafe(name))));
  await store.delete('lfs/objects/aa/cc/3');
  safe.delete(join(root, 'lfs/objects/aa/cc'));
  await store.put('lfs/objects/aa/cc/3', Buffer.from('x'));
  assertSafe('lfs/objects/aa/cc/3');
  await store.copy('HEAD', 'ago-backup/set-aside/HEAD');
  assertSafe('ago-backup/set-aside/HEAD');
});

it('a folder that somebody removed between two writes is made again, and made to last', () =>
  inFolder(async (root) => {
    const synced: string[] = [];
    const store = new DirectoryStore(root, {
      clock: systemClock,
      sync: (folder) => Promise.resolve(void synced.push(folder)),
    });
    await store.put('a/b/1', Buffer.from('1'));
    await fs.rm(join(root, 'a'), { recursive: true });
    synced.length = 0;
    await store.put('a/b/2', Buffer.from('2'));
    assert.deepEqual(await namesOf(store.list('a/')), ['a/b/2']);
    for (const folder of [root, join(root, 'a'), join(root, 'a/b')]) assert.ok(synced.includes(folder), folder);
  }));
