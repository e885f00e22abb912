import assert from 'node:assert/strict';
import { test } from 'node:test';
import { manifestBytes, readManifest } from '../../../lib/archive/item-manifest.ts';
import type { Part } from '../../../lib/backup/item.ts';
import { pointer } from '../../../lib/archive/lfs.ts';
import { largeName } from '../../../lib/archive/layout.ts';
import { openRepository } from '../../../lib/archive/repository.ts';
import { sha256 } from '../../../lib/archive/sha256.ts';
import type { BlobStore } from '../../../lib/storage/blob-store.ts';
import { verify } from '../../../lib/upkeep/verify/verify.ts';
import { flip, spoil } from '../../support/spoil.ts';
import { smallArchive } from '../small-archive.ts';

const everything = { from: 0, to: 1 };
const archive = smallArchive();
const map = 'content/ana/None/Web Map/Map';
let commits = 0;

/** The next commit has these files as well, as somebody or an older version made them; `lfs` as backup.json says. */
async function commitFiles(store: BlobStore, files: Record<string, Buffer>, where = map, lfs?: Partial<Part>) {
  const repository = openRepository(store, { random: () => String(commits).padStart(40, '0'), clock: archive.clock });
  const base = (await repository.head()) ?? assert.fail();
  const objects = repository.newObjects();
  const oid = (await repository.treeAt(base.tree, `${map}/backup.json`)) ?? assert.fail();
  const manifest = readManifest(await repository.blob(oid)) ?? assert.fail();
  const added = Object.entries(files).map(([path, bytes]): Part => ({
    path,
    role: 'resource',
    size: bytes.length,
    sha256: sha256(bytes),
    lfs: false,
    ...lfs,
  }));
  const all =
    where === map
      ? {
          ...files,
          'backup.json': manifestBytes({
            ...manifest,
            parts: [...manifest.parts.filter(({ path }) => !(path in files)), ...added],
          }),
        }
      : files;
  const edits = [];
  for (const [path, bytes] of Object.entries(all))
    edits.push({ path: `${where}/${path}`, entry: { mode: '100644' as const, oid: await objects.writeBlob(bytes) } });
  const tree = await repository.applyEdits(objects, base.tree, edits);
  commits += 1;
  await repository.publish({
    base,
    tree,
    message: `by hand ${commits}\n`,
    timeMs: commits * 1000,
    objects,
    staged: [],
  });
}

async function flyer(store: BlobStore): Promise<{ sha256: string; size: number }> {
  const repository = archive.repository(store);
  const { tree } = await archive.head(store);
  const oid = (await repository.treeAt(tree, 'content/ana/None/PDF/Flyer/backup.json')) ?? assert.fail();
  return readManifest(await repository.blob(oid))?.parts.find(({ lfs }) => lfs) ?? assert.fail();
}

const nothing = pointer('0'.repeat(64), 12);

test("a member's text that looks like a pointer is no Git LFS object: in no commit, no subfolder, beside no forged manifest", async () => {
  const store = archive.store.snapshot();
  await commitFiles(store, { 'note.txt': nothing, 'resources/deep/note.txt': nothing });
  const forged = manifestBytes({
    format: 1,
    id: 'x',
    owner: 'x',
    folder: 'None',
    folderId: null,
    type: 'x',
    title: 'x',
    stamp: '1',
    notes: [],
    parts: [{ path: 'a', role: 'data', size: 12, sha256: '0'.repeat(64), lfs: true }],
  });
  await commitFiles(store, { 'resources/backup.json': forged, 'resources/a': nothing });
  await commitFiles(store, { 'readme.txt': nothing }, 'of mine');
  await commitFiles(store, { 'readme.txt': Buffer.from('changed') }, 'of mine');
  const { findings } = await verify(store, everything);
  assert.deepEqual(findings, []);
});

test('a pointer with a wrong size to another file gives no false damage, and hides no true one', async () => {
  const store = archive.store.snapshot();
  const { sha256: hash, size } = await flyer(store);
  await commitFiles(store, { 'a.txt': pointer(hash, size + 1), 'b.txt': pointer(hash, 1) });
  assert.deepEqual((await verify(store, everything)).findings, []);
  await spoil(store, largeName(hash), flip);
  const { findings } = await verify(store, everything);
  assert.deepEqual(
    findings.map(({ what }) => what.replace(/[0-9a-f]{64}/, '…').replace(/ \(.*/, '')),
    ['The Git LFS object … is damaged'],
  );
});

test('the Git LFS objects of every commit are looked at, also of one that only an older backup.json names', async () => {
  const store = archive.store.snapshot();
  await commitFiles(store, { 'resources/deep/large.bin': nothing }, map, {
    lfs: true,
    sha256: '0'.repeat(64),
    size: 12,
  });
  await commitFiles(store, { 'resources/deep/large.bin': Buffer.from('small again') });
  const { findings } = await verify(store, everything);
  assert.match(
    findings.map(({ what }) => what).join('\n'),
    /The Git LFS object 0{64} is missing \(commit [0-9a-f]+:content\/ana\/None\/Web Map\/Map\/resources\/deep\/large\.bin\)/,
  );
});
