import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { test } from 'node:test';

const root = new URL('../', import.meta.url);
const read = (path: string) => readFile(new URL(path, root), 'utf8');

interface Locked {
  /** to a folder of this repository */
  link?: boolean;
  integrity?: string;
  hasInstallScript?: boolean;
}

test('everything that is installed has a checksum in the lock file, and nothing fetches more while it is installed', async () => {
  const { packages } = JSON.parse(await read('package-lock.json')) as { packages: Record<string, Locked> };
  for (const [name, { link = false, integrity, hasInstallScript }] of Object.entries(packages)) {
    if (link || !name.includes('node_modules/')) continue;
    assert.match(integrity ?? '', /^sha512-/, name);
    assert.notEqual(hasInstallScript, true, name);
  }
});

test('workflows use actions by commit, and an identity token only in the job that signs in', async () => {
  for (const file of await readdir(new URL('.github/workflows/', root))) {
    const text = await read(`.github/workflows/${file}`);
    for (const [, action] of text.matchAll(/uses: (.*)/g)) assert.match(action ?? '', /@[0-9a-f]{40} # v\d/, file);
    const [head = '', ...jobs] = text.split(/^ {2}(?=[a-z-]+:\n {4})/m);
    assert.doesNotMatch(head, /id-token/, file);
    for (const job of jobs) assert.equal(job.includes('id-token: write'), job.includes('azure/login'), file);
  }
});
