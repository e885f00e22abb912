import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { RunRecord } from '../lib/backup/run.ts';
import { demoOrganization } from '../test/support/demo-organization.ts';
import { startPortal } from '../test/support/portal/portal.ts';

const execute = promisify(execFile);
const root = fileURLToPath(new URL('../', import.meta.url));
/** Bytes of the tarball. */
const most = 5_000_000;
/** What only a checkout has of its own. */
const ofTheCheckout = ['.git', 'node_modules', 'dist', 'demo'];

/** This Node comes first, as the one of whoever installed the command. */
const path = [dirname(process.execPath), process.env['PATH']].join(delimiter);

/** `npm pack` in a checkout of its own, for packing builds anew. @returns the tarball and its size in bytes */
async function pack(folder: string): Promise<{ tarball: string; size: number }> {
  const checkout = join(folder, 'checkout');
  const isShared = (from: string) => !ofTheCheckout.some((name) => from === join(root, name));
  cpSync(root, checkout, { recursive: true, filter: isShared });
  symlinkSync(join(root, 'node_modules'), join(checkout, 'node_modules'));
  const { stdout } = await execute('npm', ['pack', '--json', '--pack-destination', folder], {
    cwd: checkout,
    env: { ...process.env, npm_config_loglevel: 'error' },
  });
  // What scripts print comes before it; newer versions of npm name the package, older ones number it.
  const said = JSON.parse(stdout.slice(stdout.search(/^[[{]/m))) as Record<string, { filename: string; size: number }>;
  const [packed] = Object.values(said);
  assert.ok(packed);
  return { tarball: join(folder, packed.filename), size: packed.size };
}

/** `npm install -g`, as the README says, below a folder. @returns the folder of the installed package */
async function install(tarball: string, prefix: string): Promise<string> {
  const { stderr } = await execute('npm', ['install', '-g', '--prefix', prefix, '--no-fund', '--no-audit', tarball], {
    cwd: dirname(prefix),
    env: { ...process.env, PATH: path },
  });
  assert.doesNotMatch(stderr, /scripts|EBADENGINE|deprecated/);
  return join(prefix, 'lib/node_modules/ago-backup');
}

test('what npm pack makes is installed without a compiler or a script, and runs from an empty folder', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'ago-tarball-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const { tarball, size } = await pack(folder);
  assert.ok(size <= most, `${size} bytes`);
  const prefix = join(folder, 'prefix');
  mkdirSync(prefix);
  const installed = await install(tarball, prefix);
  refuseTools(installed);

  const command = join(prefix, 'bin/ago-backup');
  const cwd = join(folder, 'empty');
  mkdirSync(cwd);
  const portal = await startPortal({ org: demoOrganization() });
  t.after(() => portal.close());
  const options = { cwd, env: { PATH: path, HOME: cwd, ...portal.env } };
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  assert.equal((await execute(command, ['--version'], options)).stdout, `${version}\n`);
  const checked = JSON.parse((await execute(command, ['doctor', '--json'], options)).stdout) as { ok: boolean };
  assert.equal(checked.ok, true);
  const { stdout } = await execute(command, ['run', '--json'], options);
  assert.equal((JSON.parse(stdout) as RunRecord).added, 58);
  await isServed(t, command, options);
  t.diagnostic(`a tarball of ${(size / 1e6).toFixed(1)} MB`);
});

function refuseTools(installed: string): void {
  const { scripts, optionalDependencies } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
    optionalDependencies?: object;
  };
  for (const event of ['preinstall', 'install', 'postinstall', 'prepare']) assert.equal(scripts[event], undefined);
  assert.equal(optionalDependencies, undefined);
  const packages = readdirSync(join(installed, 'node_modules'));
  for (const name of packages) assert.doesNotMatch(name, /^node-(?:linux|win|of)|^(?:typescript|eslint|azurite)$/);
  const own = readdirSync(installed, { recursive: true }).map(String);
  assert.deepEqual(
    own.filter((name) => !name.startsWith('node_modules') && /\.ts$|^test|^bin.prepare/.test(name)),
    [],
  );
}

/** Starts `serve`, looks at its page, and clones from it by stock git. */
async function isServed(t: TestContext, command: string, options: { cwd: string; env: Record<string, string> }) {
  const child = spawn(command, ['serve', '--port', '0'], { ...options, stdio: ['ignore', 'ignore', 'pipe'] });
  t.after(() => child.kill('SIGKILL'));
  const exited = once(child, 'exit');
  let url: string | undefined;
  for await (const line of createInterface(child.stderr)) {
    url = /^Open it in a browser: (.*)\/$/.exec(line)?.[1];
    if (url !== undefined) break;
  }
  assert.ok(url, 'serve ended before it listened');
  assert.equal((await fetch(`${url}/api/health`)).status, 200);
  const page = await fetch(`${url}/`);
  assert.equal(page.status, 200);
  const text = await page.text();
  for (const [, asset = ''] of text.matchAll(/(?:href|src)="(\/[^"]*\.(?:css|js|svg))"/g))
    assert.equal((await fetch(url + asset)).status, 200, asset);
  const clone = join(options.cwd, 'clone');
  await execute('git', ['clone', '--quiet', `${url}/archive.git`, clone], {
    env: { ...process.env, GIT_LFS_SKIP_SMUDGE: '1' },
  });
  await execute('git', ['-C', clone, 'fsck', '--strict']);
  child.kill('SIGTERM');
  assert.deepEqual(await exited, [0, null]);
}
