import assert from 'node:assert/strict';
import { appendFile, mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { systemClock } from '../../lib/clock.ts';
import { openOldArchive } from '../../lib/takeover/old-archive.ts';
import { git, temporaryFolder } from '../git/stock-git.ts';

const item = 'Users/ana/None/PDF/Plan';
const id = '0123456789abcdef0123456789abcdef';

/** A small archive as the old script makes it. */
async function archive(t: TestContext): Promise<string> {
  const folder = join(await temporaryFolder(t), 'Content');
  await mkdir(join(folder, item), { recursive: true });
  await writeFile(join(folder, item, 'timestamp.txt'), '1');
  await git(folder, 'init', '--quiet', '-b', 'master');
  await commit(folder);
  return folder;
}

async function commit(folder: string): Promise<void> {
  await git(folder, 'add', '--all');
  await git(folder, 'commit', '--quiet', '-m', 'automatic commit');
}

interface Odd {
  name: string;
  /** @returns what is named in place of the archive */
  make: (folder: string) => Promise<string>;
  says: RegExp;
  cure?: RegExp;
}

const odd: Odd[] = [
  { name: 'the folder above it', make: (folder) => Promise.resolve(join(folder, '..')), says: /but .*Content is one/ },
  { name: 'a folder in it', make: (folder) => Promise.resolve(join(folder, 'Users')), says: /but .*Content is one/ },
  {
    name: 'a bundle',
    make: async (folder) => {
      await git(folder, 'bundle', 'create', '--quiet', '../all.bundle', 'master');
      return join(folder, '../all.bundle');
    },
    says: /but a bundle of one/,
    cure: /^Run `git clone --bare all\.bundle/,
  },
  { name: 'a file', make: (folder) => Promise.resolve(join(folder, item, 'timestamp.txt')), says: /but a file/ },
  {
    name: 'a second working copy',
    make: async (folder) => {
      await git(folder, 'worktree', 'add', '--quiet', '--detach', '../second');
      return join(folder, '../second');
    },
    says: /a second working copy/,
    cure: /--git-common-dir/,
  },
  {
    name: 'a partial clone',
    make: async (folder) => {
      await git(folder, 'config', 'uploadpack.allowFilter', 'true');
      await git(folder, 'clone', '--quiet', '--bare', '--filter=blob:none', `file://${folder}`, '../partial.git');
      return join(folder, '../partial.git');
    },
    says: /partial clone/,
    cure: /without --filter/,
  },
  {
    name: 'a repository whose branches lie in a reftable',
    make: async (folder) => {
      await appendFile(join(folder, '.git/config'), '[extensions]\n\trefStorage = reftable\n');
      return folder;
    },
    says: /reftable/,
    cure: /git refs migrate/,
  },
  {
    name: 'a repository that is written to',
    make: async (folder) => {
      await writeFile(join(folder, '.git/index.lock'), '');
      return folder;
    },
    says: /index\.lock/,
    cure: /Let the old script end/,
  },
  {
    name: 'a repository whose HEAD names a branch that was never begun',
    make: async (folder) => {
      await git(folder, 'symbolic-ref', 'HEAD', 'refs/heads/main');
      return folder;
    },
    says: /no commit on refs\/heads\/main; it has refs\/heads\/master/,
    cure: /`git checkout master`/,
  },
  {
    name: 'a folder of skeenp/agol_backup',
    make: async (folder) => {
      await mkdir(join(folder, '../theirs/items', id), { recursive: true });
      return join(folder, '../theirs');
    },
    says: /skeenp\/agol_backup/,
    cure: /SEMCOG\/Ago_Backup/,
  },
  {
    name: 'a repository of skeenp/agol_backup',
    make: async (folder) => {
      await mkdir(join(folder, 'items', id), { recursive: true });
      await writeFile(join(folder, 'items', id, 'lastupdate.ts'), '1');
      await git(folder, 'rm', '-rq', 'Users');
      await commit(folder);
      return folder;
    },
    says: /skeenp\/agol_backup/,
  },
];

for (const { name, make, says, cure = /./ } of odd)
  test(`${name} is refused with what it is`, async (t) => {
    const path = await make(await archive(t));
    await assert.rejects(openOldArchive(path, systemClock), (error: Error & { code?: string; hint?: string }) => {
      assert.match(error.message, says);
      assert.match(error.hint ?? '', cure);
      return error.code === 'TAKEOVER_REFUSED';
    });
  });

test('whatever git lets people do to a repository, it is the same archive, and what is not committed is seen', async (t) => {
  const folder = await archive(t);
  const opened = async (path: string) => [...(await openOldArchive(path, systemClock)).directories.keys()];
  await git(folder, 'pack-refs', '--all');
  assert.deepEqual(await opened(folder), [item]);
  await git(folder, 'checkout', '--quiet', '--detach');
  assert.deepEqual(await opened(folder), [item]);
  await git(folder, 'branch', 'other');
  assert.deepEqual(await opened(join(folder, '.git')), [item]);
  // The git folder elsewhere, as people do on a share.
  await rename(join(folder, '.git'), join(folder, '../elsewhere'));
  await writeFile(join(folder, '.git'), 'gitdir: ../elsewhere\n');
  assert.deepEqual(await opened(folder), [item]);
  await writeFile(join(folder, item, 'late.pdf'), '');
  await assert.rejects(opened(folder), { message: /not committed: .*late\.pdf/ });
});

test('the .git folder of a working copy tells as well what is not committed', async (t) => {
  const folder = await archive(t);
  await writeFile(join(folder, item, 'late.pdf'), '');
  await assert.rejects(openOldArchive(join(folder, '.git'), systemClock), { message: /not committed/ });
});

test('a repository inside the repository is nothing uncommitted, and a link is no file of an item', async (t) => {
  const folder = await archive(t);
  await symlink('timestamp.txt', join(folder, item, 'plan.pdf'));
  const inner = join(folder, 'Users/ana/None/PDF/Inner');
  await mkdir(inner);
  await writeFile(join(inner, 'a.txt'), 'a');
  await git(inner, 'init', '--quiet');
  await commit(inner);
  await commit(folder);
  const { directories } = await openOldArchive(folder, systemClock);
  assert.deepEqual([...(directories.get(item)?.files.keys() ?? [])], ['timestamp.txt']);
});
