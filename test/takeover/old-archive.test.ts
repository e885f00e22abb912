import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { systemClock } from '../../lib/clock.ts';
import { copyObjects } from '../../lib/takeover/copy-objects.ts';
import { openOldArchive } from '../../lib/takeover/old-archive.ts';
import { MemoryStore } from '../../lib/storage/memory.ts';
import { git, temporaryFolder } from '../git/stock-git.ts';
import { bytesOf } from '../support/open-portal.ts';
import { cloneSemcog } from '../support/semcog.ts';

/** A small archive as the old script makes it, never packed. */
async function small(t: TestContext, files: Record<string, string | Buffer>): Promise<string> {
  const folder = await temporaryFolder(t);
  await git(folder, 'init', '--quiet', '-b', 'master');
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(folder, path, '..'), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  await git(folder, 'add', '--all');
  await git(folder, 'commit', '--quiet', '-m', 'automatic commit');
  return folder;
}

const item = { 'Users/ana/None/PDF/Plan/timestamp.txt': '1', 'Users/ana/None/PDF/Plan/plan.pdf': '%PDF' };

test('a working copy, its .git folder and a bare clone are opened alike', async (t) => {
  const folder = await small(t, item);
  const bare = join(await temporaryFolder(t), 'bare.git');
  await git(folder, 'clone', '--quiet', '--bare', folder, bare);
  const found = await Promise.all(
    [folder, join(folder, '.git'), bare].map((path) => openOldArchive(path, systemClock)),
  );
  for (const { directories, tip } of found) {
    assert.deepEqual([...directories.keys()], ['Users/ana/None/PDF/Plan']);
    assert.equal(tip.oid, found[0]?.tip.oid);
  }
});

test('a folder without git, somebody else’s layout and an empty repository are refused with what was found', async (t) => {
  const empty = await temporaryFolder(t);
  const refused = (path: string, message: RegExp) =>
    assert.rejects(openOldArchive(path, systemClock), { code: 'TAKEOVER_REFUSED', message });
  await refused(empty, /is no git repository/);
  await refused(join(empty, 'nowhere'), /is no git repository/);
  await refused(await small(t, { 'items/1.json': '{}', 'backup.log': '' }), /it holds backup\.log, items/);
  await refused(await small(t, { 'content/ana/x': '', 'README.md': '' }), /an archive of ago-backup already/);
  await refused(await small(t, { 'Users/ana/x': '' }), /no timestamp\.txt/);
  await git(empty, 'init', '--quiet', '-b', 'master');
  await refused(empty, /has no commit on refs\/heads\/master/);
});

test('a shallow clone and one that borrows objects are refused: the copy would lack what they lack', async (t) => {
  const folder = await cloneSemcog(join(await temporaryFolder(t), 'semcog.git'));
  const copies = await temporaryFolder(t);
  await git(folder, 'clone', '--quiet', '--depth', '1', `file://${folder}`, join(copies, 'shallow'));
  await git(folder, 'clone', '--quiet', '--bare', '--shared', folder, join(copies, 'shared'));
  await assert.rejects(openOldArchive(join(copies, 'shallow'), systemClock), {
    code: 'TAKEOVER_REFUSED',
    message: /shallow/,
  });
  await assert.rejects(openOldArchive(join(copies, 'shared'), systemClock), {
    code: 'TAKEOVER_REFUSED',
    message: /borrows/,
  });
});

test('changes that were never committed are named, and nothing is taken over', async (t) => {
  const folder = await small(t, item);
  await writeFile(join(folder, 'Users/ana/None/PDF/Plan/plan.pdf'), '%PDF, longer');
  await assert.rejects(openOldArchive(folder, systemClock), {
    code: 'TAKEOVER_REFUSED',
    message: /not committed: Users\/ana\/None\/PDF\/Plan\/plan\.pdf/,
  });
  await git(folder, 'add', '--all');
  await assert.rejects(openOldArchive(folder, systemClock), { message: /not committed/ });
  await git(folder, 'commit', '--quiet', '-m', 'automatic commit');
  await writeFile(join(folder, 'Users/ana/new'), '');
  await assert.rejects(openOldArchive(folder, systemClock), { message: /not committed: Users\/ana\/new/ });
});

test('objects larger than memory should hold are read as streams, loose or packed, and proven by their ids', async (t) => {
  const bytes = Buffer.alloc(20 * 1024 * 1024);
  for (let at = 0; at < bytes.length; at += 4096) bytes.write(createHash('md5').update(String(at)).digest('hex'), at);
  const folder = await small(t, { ...item, 'Users/ana/None/PDF/Plan/large.bin': bytes });
  const oid = (await git(folder, 'rev-parse', 'HEAD:Users/ana/None/PDF/Plan/large.bin')).trim();
  for (const pack of [false, true]) {
    if (pack) await git(folder, 'gc', '--quiet');
    const { objects } = await openOldArchive(folder, systemClock);
    const opened = await objects.open(oid);
    assert.equal(opened.size, bytes.length);
    assert.ok((await bytesOf(opened.body)).equals(bytes));
  }
});

test('a large file that git keeps as a chain of deltas is made step by step, and proven by its id', async (t) => {
  const rows = Array.from(
    { length: 20_000 },
    (_, row) => `${row},${createHash('sha256').update(`${row}`).digest('hex')}`,
  );
  const text = (version: number) =>
    rows.map((row, n) => `${n % 999 === version ? 'edited' : ''}${row}${'.'.repeat(900)}`);
  const path = 'Users/ana/None/CSV/Readings/readings.csv';
  const folder = await small(t, { ...item, [path]: text(0).join('\n') });
  for (const version of [1, 2]) {
    await writeFile(join(folder, path), text(version).slice(version).join('\n'));
    await git(folder, 'commit', '--quiet', '--all', '-m', 'automatic commit');
  }
  await git(folder, 'repack', '-a', '-d', '-f', '-q');
  const listed = await git(folder, 'rev-list', '--objects', '--all');
  const oids = [...listed.matchAll(/^(\w{40}) .*readings\.csv$/gm)].map(([, oid = '']) => oid);
  const [pack = ''] = (await readdir(join(folder, '.git/objects/pack'))).filter((name) => name.endsWith('.idx'));
  const packed = await git(folder, 'verify-pack', '-v', join('.git/objects/pack', pack));
  // An entry that is a delta tells how deep it lies, and on what.
  assert.equal(
    oids.filter((oid) => new RegExp(`^${oid} blob +\\d+ \\d+ \\d+ [12] \\w{40}$`, 'm').test(packed)).length,
    2,
  );
  const { objects } = await openOldArchive(folder, systemClock);
  for (const oid of oids) {
    const { size, body } = await objects.open(oid);
    const bytes = await bytesOf(body);
    assert.equal(bytes.length, size);
    assert.equal(createHash('sha1').update(`blob ${size}\0`).update(bytes).digest('hex'), oid);
  }
});

test('every object of the old repository comes over, loose or packed, and stock git finds nothing amiss', async (t) => {
  const folder = await small(t, { ...item, 'Users/ana/None/PDF/Plan/large.bin': Buffer.alloc(20 * 1024 * 1024, 'x') });
  await git(folder, 'gc', '--quiet');
  await writeFile(join(folder, 'Users/ana/None/PDF/Plan/plan.pdf'), '%PDF 2');
  await writeFile(join(folder, 'Users/ana/None/PDF/Plan/other.bin'), Buffer.alloc(17 * 1024 * 1024, 'y'));
  await git(folder, 'add', '--all');
  await git(folder, 'commit', '--quiet', '-m', 'automatic commit');
  const store = new MemoryStore({ clock: systemClock });
  await store.create();
  const old = await openOldArchive(folder, systemClock);
  await copyObjects(old, store, () => undefined);
  const bare = join(await temporaryFolder(t), 'copy.git');
  await git(folder, 'init', '--quiet', '--bare', bare);
  for await (const { name } of store.list('')) {
    await mkdir(join(bare, name, '..'), { recursive: true });
    await writeFile(join(bare, name), (await store.get(name))?.bytes ?? '');
  }
  await git(bare, 'update-ref', 'refs/heads/main', old.tip.oid);
  await git(bare, 'fsck', '--strict', '--full');
  assert.equal((await git(bare, 'rev-list', '--count', 'main')).trim(), '2');
});

test('a broken pack and a broken loose object are told, and nothing of them comes over', async (t) => {
  const whole = await cloneSemcog(join(await temporaryFolder(t), 'semcog.git'));
  const packed = join(await temporaryFolder(t), 'packed.git');
  await cp(whole, packed, { recursive: true });
  const packs = join(packed, 'objects/pack');
  const pack = (await readdir(packs)).find((name) => name.endsWith('.pack')) ?? '';
  const { size } = await import('node:fs/promises').then((fs) => fs.stat(join(packs, pack)));
  const old = await openOldArchive(packed, systemClock);
  await import('node:fs/promises').then((fs) => fs.chmod(join(packs, pack), 0o644));
  await truncate(join(packs, pack), size - 1000);
  const store = new MemoryStore({ clock: systemClock });
  await store.create();
  await assert.rejects(
    copyObjects(old, store, () => undefined),
    {
      code: 'TAKEOVER_REFUSED',
      message: /is damaged/,
    },
  );
  const loose = await small(t, item);
  const oid = (await git(loose, 'rev-parse', 'HEAD:Users/ana/None/PDF/Plan/plan.pdf')).trim();
  await rm(join(loose, '.git/objects', oid.slice(0, 2), oid.slice(2)));
  await writeFile(join(loose, '.git/objects', oid.slice(0, 2), oid.slice(2)), 'no zlib');
  await assert.rejects(
    copyObjects(await openOldArchive(loose, systemClock), store, () => undefined),
    {
      code: 'TAKEOVER_REFUSED',
    },
  );
  for await (const { name } of store.list('objects/')) assert.ok(!name.endsWith('packs'), name);
});
