import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../lib/clock.ts';
import { openOldArchive } from '../../lib/takeover/old-archive.ts';
import { takeOver } from '../../lib/takeover/take-over.ts';
import { git, temporaryFolder } from '../git/stock-git.ts';
import { newBackup } from '../support/backup.ts';
import { smallArchive } from '../support/old-repositories.ts';

const killer = fileURLToPath(new URL('../support/take-over-killer.ts', import.meta.url));
const isLong = process.env['LONG'] !== undefined;
/** No take-over of this archive writes so often. */
const never = 'call:1000';

/** An old archive, what an undisturbed take-over makes of it, and others, each in a process of its own and into a place in one folder. */
async function newTakeOvers(t: TestContext) {
  const folder = await temporaryFolder(t);
  const { old, org, titles } = await smallArchive(folder);
  const settings = { BACKUP_LFS_THRESHOLD: '20000' };
  const { portal, store: undisturbed, open } = await newBackup(t, { org, settings });
  const { deps } = (await open()).app;
  const quiet = { dryRun: false, say: () => undefined, expect: () => undefined, tell: () => undefined };
  await takeOver(deps, await openOldArchive(old, systemClock), quiet);
  const run = async (place: string, deadly: string, when: string) => {
    const cwd = join(folder, place);
    await mkdir(cwd, { recursive: true });
    const own = { ...settings, BACKUP_STORE: `file:${cwd}/backup.git` };
    const env = { PATH: process.env['PATH'], HOME: cwd, ...portal.env, ...own };
    const [isKilled, text] = await new Promise<[boolean, string]>((resolve) => {
      execFile(process.execPath, [killer, old, deadly, when], { cwd, env }, (error, stdout, stderr) => {
        resolve([error?.signal === 'SIGKILL', error === null || error.signal === 'SIGKILL' ? stdout : stderr]);
      });
    });
    return { isKilled, text, target: join(cwd, 'backup.git') };
  };
  return { old, org, titles, run, undisturbed };
}

/** Everything of an archive that does not depend on when it was made: its tree and history, and which blobs there are. */
async function shapeOf(target: string) {
  await git(target, 'fsck', '--strict');
  const [tree, commits] = (await git(target, 'log', '-1', '--format=%T %P', 'main')).trim().split(' ');
  const names = (await readdir(target, { recursive: true })).filter((name) => !/^ago-backup\/\.?tmp\b/.test(name));
  // Of the pack of the new commit, which has a name of its own each time, a killed one may leave another.
  const blobs = new Set(names.map((name) => name.replace(/pack-[0-9a-f]{40}/, 'pack')).sort());
  return { tree, commits, names: [...blobs] };
}

test('a take-over that was killed shows nothing, goes on where it was, and makes what an undisturbed one makes', async (t) => {
  const { old, org, titles, run, undisturbed } = await newTakeOvers(t);
  const before = await filesOf(old);
  const wanted = await shapeOf(undisturbed);
  const listed = await git(undisturbed, 'ls-tree', '-r', '--name-only', 'main');
  assert.equal(listed.match(/backup\.json$/gm)?.length, titles.length);
  assert.equal(wanted.commits, (await git(old, 'rev-parse', 'master')).trim());
  const large = [...org.items.values()].find(({ record }) => record.title === 'Readings')?.data?.bytes();
  const lfs = wanted.names.find((name) => /^lfs\/objects\/..\/..\/./.test(name)) ?? assert.fail('no Git LFS object');
  assert.ok((await readFile(join(undisturbed, lfs))).equals(large ?? Buffer.of()));

  let target = '';
  for (const [deadly, when] of deaths) {
    const ended = await run('killed', deadly, when);
    target = ended.target;
    assert.ok(ended.isKilled, `${deadly}: ${ended.text}`);
    assert.equal(existsSync(join(target, 'refs/heads/main')), false, deadly);
  }
  // All of them lie there: nothing is written twice.
  const last = await run('killed', '^put(Stream)? (objects/[0-9a-f]{2}/|ago-backup/tmp/|.*/staged/)', 'before');
  assert.deepEqual([last.isKilled, last.text], [false, '']);
  assert.deepEqual(await shapeOf(target), wanted);
  assert.deepEqual(await filesOf(old), before);
});

/** Where the same take-over is killed, one time after the other: in the midst of the old objects, and when all is there but the branch. */
const deaths = [
  ['^putStream objects/[0-9a-f]{2}/', 'during'],
  ['^put refs/heads/main', 'before'],
] as const;

test(
  'wherever it is killed, the archive is as before or whole, and begun again it is whole',
  { skip: !isLong && 'LONG=1' },
  async (t) => {
    const { run, undisturbed } = await newTakeOvers(t);
    const wanted = await shapeOf(undisturbed);
    for (const when of ['before', 'during', 'after'])
      for (let n = 0, isKilled = true; isKilled; n++) {
        const place = `${when}-${n}`;
        const ended = await run(place, `call:${n}`, when);
        ({ isKilled } = ended);
        const isWhole = existsSync(join(ended.target, 'refs/heads/main'));
        if (isWhole) await git(ended.target, 'fsck', '--strict');
        const again = await run(place, never, 'before');
        if (isWhole) assert.match(again.text, /TARGET_TAKEN|holds an archive already/, place);
        else assert.deepEqual([again.isKilled, again.text], [false, ''], place);
        const { tree, commits } = await shapeOf(ended.target);
        assert.deepEqual([tree, commits], [wanted.tree, wanted.commits], `${place} ${ended.text}`);
      }
  },
);

/** Every file below a folder, with its bytes. */
async function filesOf(folder: string): Promise<Map<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  return new Map(await Promise.all(paths.map(async (path) => [path, await readFile(path, 'latin1')] as const)));
}
