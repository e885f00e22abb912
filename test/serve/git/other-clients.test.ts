import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import isomorphic from 'isomorphic-git';
import http from 'isomorphic-git/http/node';
import { DirectoryStore } from '../../../lib/storage/directory/directory.ts';
import { commitNext, newArchive, testClock } from '../../archive/archive.ts';
import { git, temporaryFolder } from '../../git/stock-git.ts';
import { serveStore } from '../served.ts';

/** Clients that are no git. Each clones, and what it got is looked at with git. */

async function served(t: TestContext) {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'backup.git');
  const { store, repository } = await newArchive('others', new DirectoryStore(path, { clock: testClock() }));
  const add = (files: Record<string, string | Buffer | null>) => commitNext(store, repository, files);
  await add({ 'a/b.txt': 'one', 'c.bin': Buffer.alloc(200_000, 3) });
  await add({ 'a/b.txt': 'two', 'd.txt': 'd' });
  const { url, port } = await serveStore(t, path);
  const check = async (clone: string) => {
    await git(clone, 'fsck', '--strict', '--full');
    assert.equal(await git(clone, 'rev-parse', 'HEAD'), await git(path, 'rev-parse', 'main'));
    assert.equal(await readFile(join(clone, 'a/b.txt'), 'utf8'), await git(path, 'show', 'main:a/b.txt'));
  };
  return { folder, path, url, port, add, check, clone: join(folder, 'clone') };
}

test('isomorphic-git clones, whole and shallow, and fetches what is new', async (t) => {
  const { url, clone, add, check, path } = await served(t);
  const given = { fs, http, dir: clone };
  await isomorphic.clone({ ...given, url });
  await check(clone);
  await add({ 'a/b.txt': 'three' });
  await isomorphic.pull({ ...given, author: { name: 'a', email: 'a@localhost' } });
  await check(clone);
  await isomorphic.clone({ ...given, url, dir: `${clone}-1`, depth: 1 });
  assert.equal((await git(`${clone}-1`, 'rev-list', '--count', 'HEAD')).trim(), '1');
  assert.equal(await git(`${clone}-1`, 'rev-parse', 'HEAD'), await git(path, 'rev-parse', 'main'));
});

const python = (...lines: string[]) => ['-c', lines.join('\n')];
/** The first Python that has a module: Debian's packages are those of its own, which need not be the first in the path. */
const pythonWith = (module: string) =>
  ['python3', '/usr/bin/python3'].find((each) => spawnSync(each, python(`import ${module}`)).status === 0);

for (const [name, module, script] of [
  [
    'dulwich',
    'dulwich.porcelain',
    ['import sys', 'from dulwich import porcelain', 'porcelain.clone(sys.argv[1], sys.argv[2])'],
  ],
  ['libgit2', 'pygit2', ['import sys, pygit2', 'pygit2.clone_repository(sys.argv[1], sys.argv[2])']],
] as const) {
  const python3 = pythonWith(module);
  test(`${name} clones`, { skip: python3 === undefined && `python3 has no ${module.split('.')[0]}` }, async (t) => {
    const { url, clone, check } = await served(t);
    await promisify(execFile)(python3 ?? assert.fail(), [...python(...script), url, clone], { timeout: 60_000 });
    await check(clone);
  });
}

test('a client that hangs up in the middle disturbs nobody', async (t) => {
  const { url, port, clone, folder, check } = await served(t);
  const body = await firstWant(url);
  for (let n = 0; n < 5; n++) {
    await new Promise<void>((resolve, reject) => {
      const headers = { 'content-type': 'application/x-git-upload-pack-request', 'git-protocol': 'version=2' };
      const path = '/archive.git/git-upload-pack';
      const sent = request({ port, host: '127.0.0.1', method: 'POST', path, headers }, (answer) => {
        answer.once('data', () => resolve(void answer.destroy()));
      });
      sent.once('error', reject);
      sent.end(body);
    });
  }
  await git(folder, 'clone', '--quiet', url, clone);
  await check(clone);
});

/** What git sends for a whole clone. */
async function firstWant(url: string): Promise<string> {
  const { oid = '' } = (await isomorphic.listServerRefs({ http, url, prefix: 'HEAD' }))[0] ?? {};
  const line = (text: string) => (text.length + 4).toString(16).padStart(4, '0') + text;
  return `${line('command=fetch')}0001${line(`want ${oid}\n`)}${line('done\n')}0000`;
}
