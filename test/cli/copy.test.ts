import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { CopyReport } from '../../lib/copy/copy.ts';
import { dump, newArchive, commitNext } from '../archive/archive.ts';
import { git, temporaryFolder } from '../git/stock-git.ts';
import { cloneArchive } from '../support/archive.ts';
import { startAzurite } from '../support/azurite.ts';
import { command } from '../support/command.ts';
import { smallArchive } from '../upkeep/small-archive.ts';

const archive = smallArchive();

test('copy takes an archive from a disk to a container and back, and says what it did', async (t) => {
  const folder = await temporaryFolder(t);
  await dump(archive.store, join(folder, 'first.git'));
  const azurite = await startAzurite();
  t.after(() => azurite.close());
  const container = azurite.container('second');
  const out = await command(['copy', 'file:first.git', container, '--json'], {}, folder);
  assert.equal(out.status, 0, out.stderr);
  assert.deepEqual((JSON.parse(out.stdout) as CopyReport).damaged, []);
  const back = await command(['copy', container, 'third.git'], {}, folder);
  assert.equal(back.status, 0, back.stderr);
  const [first, third] = [join(folder, 'first.git'), join(folder, 'third.git')];
  const [one, other] = [await cloneArchive(t, first), await cloneArchive(t, third)];
  assert.equal((await git(third, 'rev-parse', 'main')).trim(), (await git(first, 'rev-parse', 'main')).trim());
  for (const { path, manifest } of one.items.values())
    for (const part of manifest.parts)
      assert.ok((await other.read(`${path}/${part.path}`)).equals(await one.read(`${path}/${part.path}`)), part.path);
  const again = await command(['copy', first, container], {}, folder);
  assert.match(again.stderr, /^Nothing to copy: .* has every object of .*\nCommit [0-9a-f]{40}, as before$/m);
});

test('copy ends with 3 when it had to leave something out, with 2 when the target is no copy', async (t) => {
  const folder = await temporaryFolder(t);
  const first = join(folder, 'first.git');
  await dump(archive.store, first);
  const large = (await readdir(join(first, 'lfs'), { recursive: true })).find((name) => name.length > 70) ?? '';
  const name = join('lfs', large);
  await rm(join(first, name));
  await writeFile(join(first, name), 'spoiled');
  const partial = await command(['copy', first, 'second.git'], {}, folder);
  assert.equal(partial.status, 3);
  assert.match(
    partial.stderr,
    new RegExp(`^! ${name} is damaged in .*, and was not copied\nRun \`ago-backup verify\``, 'm'),
  );
  const other = await newArchive();
  await commitNext(other.store, other.repository, { a: 'a' });
  await dump(other.store, join(folder, 'other.git'));
  for (const [words, code] of [
    [['first.git', 'other.git'], 'TARGET_TAKEN'],
    [['first.git', 'https://account.blob.core.windows.net/'], 'USAGE'],
  ] as const) {
    const { status, stdout, stderr } = await command(['copy', ...words, '--json'], {}, folder);
    assert.equal(status, 2, stderr);
    assert.equal((JSON.parse(stdout) as { error: { code: string } }).error.code, code);
  }
});

const killer = fileURLToPath(new URL('../support/copy-killer.ts', import.meta.url));
/** The long mode kills at every kind of write, before and after it. */
const isLong = process.env['LONG'] !== undefined;
const points = ['\\.pack$'];
const more = [
  '^refs/heads/main$',
  '^config$',
  '^HEAD$',
  'copying',
  '\\.idx$',
  '^lfs/',
  '^objects/info/packs$',
  '^info/refs$',
  'runs/',
  'history/',
];

for (const point of isLong ? [...points, ...more] : points)
  for (const when of isLong ? ['before', 'after'] : ['after'])
    test(`a copy that is killed ${when} writing ${point} leaves nothing or all, and the next one is not held up`, async (t) => {
      const folder = await temporaryFolder(t);
      const [from, to] = [join(folder, 'from.git'), join(folder, 'to.git')];
      await dump(archive.store, from);
      const child = spawn(process.execPath, [killer, `file:${from}`, `file:${to}`, point, when], {
        stdio: ['ignore', 'ignore', 'inherit'],
      });
      assert.deepEqual(await once(child, 'exit'), [null, 'SIGKILL']);
      const refs = await git(to, 'for-each-ref').catch(() => '');
      if (refs !== '') assert.equal((await cloneArchive(t, to)).log.length, 3);
      const done = await command(['copy', from, to, '--json'], {}, folder);
      assert.equal(done.status, 0, done.stderr);
      const { commit } = JSON.parse(done.stdout) as { commit: string };
      assert.equal((await git(to, 'rev-parse', 'main')).trim(), commit);
      assert.equal((await cloneArchive(t, to)).items.size, (await cloneArchive(t, from)).items.size);
    });
