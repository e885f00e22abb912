import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { commitAt } from '../../../lib/history/at.ts';
import { takeOut, type OutFile } from '../../../lib/history/get/take-out.ts';
import { openFolder } from '../../../lib/history/get/target-folder.ts';
import { zipFile } from '../../../lib/history/get/target-zip.ts';
import { versionAt } from '../../../lib/history/version-at.ts';
import { largeName } from '../../../lib/archive/layout.ts';
import { git, temporaryFolder } from '../../git/stock-git.ts';
import { newBackup } from '../../support/backup.ts';
import { contentOf } from '../../support/portal/content.ts';
import { historyOf, night, unzip } from '../lives.ts';

const options = { overwrite: false, random: '0123456789abcdef' };
const hash = (bytes: Buffer | string) => createHash('sha256').update(bytes).digest('hex');
const latest = { is: 'latest' } as const;

test('an item is taken out as the portal had it, large files in place, each with the time of the item', async (t) => {
  const backup = await newBackup(t, { settings: { BACKUP_LFS_THRESHOLD: '1024' } });
  const { org } = backup.portal;
  const old = Buffer.from(`%PDF-1.4\n${'first '.repeat(2000)}\n%%EOF\n`);
  const { id } = org.addItem({ owner: 'backup', type: 'PDF', title: 'CON', name: 'report.pdf', data: old }).record;
  const { modified } = org.item(id).record;
  const commit = await night(backup);
  org.replaceData(id, contentOf('%PDF-1.4\nsecond\n%%EOF\n', 'application/pdf'));
  await night(backup);
  const { archive, history } = await historyOf(backup);
  const to = join(await temporaryFolder(t), 'deep', 'out');
  const at = { is: 'commit', prefix: commit?.slice(0, 9) ?? '' } as const;
  const target = await openFolder(to, options);
  const { items, bytes } = await takeOut(archive, [versionAt(history, id, at)], target);
  await target.close();
  assert.deepEqual(await readdir(to), ['content']);
  const [item] = items;
  assert.deepEqual([item?.itemId, item?.commit, item?.title], [id, commit, 'CON']);
  let sum = 0;
  for (const { path, size, sha256, ok } of item?.files ?? []) {
    const written = await readFile(join(to, path));
    assert.deepEqual([ok, size, sha256], [true, written.length, hash(written)], path);
    assert.equal((await stat(join(to, path))).mtimeMs, modified, path);
    sum += size;
  }
  assert.equal(bytes, sum);
  assert.deepEqual(await readFile(join(to, 'content/backup/None/PDF/CON_/report.pdf')), old);
  // What git has of the same commit, byte for byte, is the rest.
  const names = (
    await git(backup.store, 'ls-tree', '-r', '--name-only', `${commit}:content/backup/None/PDF/CON_`)
  ).trim();
  const taken = item?.files.map(({ path }) => path.slice('content/backup/None/PDF/CON_/'.length));
  assert.deepEqual(
    taken?.sort(),
    names
      .split('\n')
      .filter((name) => name !== '.gitattributes')
      .sort(),
  );

  const zip = join(to, 'all.zip');
  await zipFile(zip, options, async (into) => void (await takeOut(archive, [versionAt(history, id, at)], into)));
  const held = await unzip(await readFile(zip));
  assert.deepEqual(held.get('content/backup/None/PDF/CON_/report.pdf'), old);
  assert.equal(held.size, item?.files.length);
  await assert.rejects(
    zipFile(zip, options, () => Promise.resolve()),
    { code: 'TARGET_TAKEN' },
  );
  await assert.rejects(openFolder(to, options), { code: 'TARGET_TAKEN' });
  assert.throws(() => commitAt(history, { is: 'time', until: Date.UTC(2020, 0) }), { code: 'VERSION_UNKNOWN' });
});

test('a part that is damaged, missing, or edited by a person is not written and is named; the others are there', async (t) => {
  const backup = await newBackup(t, { settings: { BACKUP_LFS_THRESHOLD: '1024' } });
  const { org } = backup.portal;
  const add = (title: string, data: string) =>
    org.addItem({ owner: 'backup', type: 'PDF', title, name: `${title}.pdf`, data }).record.id;
  const pdf = (text: string, times = 1) => `%PDF-1.4\n${text.repeat(times)}\n%%EOF\n`;
  const [flipped, lost, edited] = [
    add('flipped', pdf('f', 3000)),
    add('lost', pdf('l', 3000)),
    add('edited', pdf('e')),
  ];
  await night(backup);
  const large = (text: string) => join(backup.store, largeName(hash(pdf(text, 3000))));
  await writeFile(large('f'), pdf('F', 3000));
  await rm(large('l'));
  const clone = join(await temporaryFolder(t), 'clone');
  await git(backup.store, 'clone', '--quiet', backup.store, clone);
  await writeFile(join(clone, 'content/backup/None/PDF/edited/edited.pdf'), pdf('changed by hand'));
  await git(clone, 'commit', '--quiet', '-am', 'by hand');
  await git(clone, 'push', '--quiet', 'origin', 'main');
  await git(backup.store, 'update-server-info');
  const { archive, history } = await historyOf(backup);
  const versions = [flipped, lost, edited].map((id) => versionAt(history, id, latest));
  const to = join(await temporaryFolder(t), 'out');
  const target = await openFolder(to, options);
  const { items } = await takeOut(archive, versions, target);
  await target.close();
  const zip = join(to, 'all.zip');
  const zipped: string[] = [];
  await zipFile(zip, options, async (into) => {
    for (const item of (await takeOut(archive, versions, into)).items)
      zipped.push(...item.files.filter(({ ok }) => ok).map(({ path }) => path));
  });
  for (const { title, files } of items) {
    const bad = files.filter(({ ok }) => !ok);
    assert.deepEqual(
      bad.map(({ path, message }) => [path.split('/').at(-1), message !== undefined]),
      [[`${title}.pdf`, true]],
    );
    const written = await readdir(join(to, 'content/backup/None/PDF', title));
    assert.ok(written.includes('item.json') && !written.includes(`${title}.pdf`), title);
  }
  assert.deepEqual([...(await unzip(await readFile(zip))).keys()].sort(), zipped.sort());
  assert.ok(!zipped.some((path) => path.endsWith('.pdf')));
});

test('nothing is written through a link, beside a folder that is a file, or half when the disk is full', async (t) => {
  const folder = await temporaryFolder(t);
  const [to, elsewhere] = [join(folder, 'to'), join(folder, 'elsewhere')];
  await mkdir(join(to, 'content'), { recursive: true });
  await mkdir(elsewhere);
  await symlink(elsewhere, join(to, 'content', 'ana'));
  await writeFile(join(to, 'content', 'ben'), 'a file');
  const file = (path: string, open: OutFile['open']): OutFile => ({
    path,
    size: 1,
    sha256: '',
    modified: undefined,
    open,
  });
  const whole = async function* () {
    yield await Promise.resolve(Buffer.from('x'));
  };
  const full = async function* () {
    yield await Promise.resolve(Buffer.from('x'));
    throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
  };
  const target = await openFolder(to, { ...options, overwrite: true });
  for (const path of ['content/ana/None/a', 'content/ben/None/a'])
    await assert.rejects(target.put(path, [file(`${path}/x`, whole)]), { code: 'TARGET_REFUSED' });
  const both = [file('content/eva/x', whole), file('content/eva/y', full)];
  await assert.rejects(target.put('content/eva', both), { code: 'TARGET_FULL' });
  await target.close();
  assert.deepEqual([await readdir(elsewhere), (await readdir(join(to, 'content'))).sort()], [[], ['ana', 'ben']]);
  await assert.rejects(
    zipFile(join(to, 'x.zip'), options, async (into) => void (await into.put('', [file('y', full)]))),
    { code: 'TARGET_FULL' },
  );
  const fresh = await openFolder(join(folder, 'fresh'), options);
  await assert.rejects(fresh.put('a', [file('a/y', full)]), { code: 'TARGET_FULL' });
  await fresh.close();
  // Where nothing can be made, that is said; node's own recursive mkdir would try for ever.
  if (process.platform === 'linux') await assert.rejects(openFolder('/proc/x/y', options), { code: 'TARGET_REFUSED' });
  await assert.rejects(openFolder(join(to, 'content', 'ben', 'x'), options), { code: 'TARGET_REFUSED' });
  assert.deepEqual((await readdir(folder)).sort(), ['elsewhere', 'to']);
  assert.deepEqual((await readdir(to)).sort(), ['content']);
});
