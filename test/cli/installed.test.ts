import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFile, mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { temporaryFolder } from '../git/stock-git.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));
const command = join(root, 'bin/ago-backup.js');

interface Manifest {
  engines: { node: string };
  bin: Record<string, string>;
  files: string[];
  dependencies: Record<string, string>;
}

async function manifest(): Promise<Manifest> {
  return JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as Manifest;
}

test('what the command and the functions import is a dependency, and no development dependency', async () => {
  const { dependencies } = await manifest();
  const unknown = new Set<string>();
  for (const folder of ['lib', 'functions']) {
    for (const name of await readdir(join(root, folder), { recursive: true })) {
      if (!name.endsWith('.ts')) continue;
      const source = await readFile(join(root, folder, name), 'utf8');
      for (const [, from = ''] of source.matchAll(/^(?!import type).*?(?:from |import\()'([^'.][^']*)'/gm)) {
        const packageName = /^(?:@[^/]+\/)?[^/]+/.exec(from)?.[0] ?? '';
        if (!from.startsWith('node:') && dependencies[packageName] === undefined) unknown.add(from);
      }
    }
  }
  assert.deepEqual([...unknown], []);
});

test('a clone without the compiler is prepared all the same, and runs from its sources', async (t) => {
  const folder = await temporaryFolder(t);
  await mkdir(join(folder, 'bin'));
  await mkdir(join(folder, 'lib/cli'), { recursive: true });
  for (const name of ['prepare.js', 'ago-backup.js'])
    await copyFile(join(root, 'bin', name), join(folder, 'bin', name));
  await writeFile(join(folder, 'package.json'), '{"type": "module"}');
  await writeFile(join(folder, 'tsconfig.json'), '{}');
  await writeFile(join(folder, 'lib/cli/main.ts'), "const said: string = 'from the sources';\nconsole.log(said);\n");
  await run(process.execPath, ['bin/prepare.js'], { cwd: folder });
  assert.equal((await run(process.execPath, ['bin/ago-backup.js'], { cwd: folder })).stdout, 'from the sources\n');
  await mkdir(join(folder, 'dist/lib/cli'), { recursive: true });
  await writeFile(join(folder, 'dist/lib/cli/main.js'), "console.log('compiled');\n");
  assert.equal((await run(process.execPath, ['bin/ago-backup.js'], { cwd: folder })).stdout, 'compiled\n');
});

test('the package holds what runs and what people read, and no tests', async () => {
  const { bin, files } = await manifest();
  assert.equal(join(root, bin['ago-backup'] ?? ''), command);
  assert.deepEqual(files, [
    'bin/ago-backup.js',
    'dist/**/*.js',
    'page',
    'docs/*.md',
    'infra/on-premises',
    '.env.example',
    'local.settings.sample.json',
  ]);
});

test('a Node that is too old is told in a sentence', async () => {
  const { engines } = await manifest();
  const old = "Object.defineProperty(process.versions, 'node', { value: '22.17.1' })";
  const started = run(process.execPath, ['--import', `data:text/javascript,${encodeURIComponent(old)}`, command]);
  await assert.rejects(started, (error: Error & { code?: number; stderr?: string }) => {
    assert.equal(error.code, 2);
    assert.match(error.stderr ?? '', new RegExp(`^ago-backup needs Node ${engines.node.slice(2)} or later; this is v`));
    return true;
  });
});
