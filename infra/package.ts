import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));

/** What the package weighs. */
export interface Weight {
  files: number;
  /** bytes, unpacked */
  size: number;
}

/**
 * Makes the folder that is deployed: compiled code, host.json, and the production dependencies of the lock file, nothing
 * else. `node infra/package.ts [folder]`; zip it, or let `func` or `azd` take it.
 */
export function makePackage(folder: string): Weight {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const name of ['package.json', 'package-lock.json', 'host.json', 'LICENSE', 'dist'])
    cpSync(join(root, name), join(folder, name), { recursive: true });
  execFileSync('npm', ['ci', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: folder,
    stdio: 'pipe',
  });
  // What a deploying tool may want to run or install again is done already, and needs what is not here.
  const manifest = join(folder, 'package.json');
  const own = JSON.parse(readFileSync(manifest, 'utf8')) as Record<string, unknown>;
  writeFileSync(manifest, JSON.stringify({ ...own, scripts: undefined, devDependencies: undefined }, null, 2));
  // Needed to read and to debug, not to run.
  for (const file of filesOf(folder)) if (/\.(map|md|markdown|d\.ts|d\.mts|d\.cts|ts)$/i.test(file)) rmSync(file);
  const files = filesOf(folder);
  return { files: files.length, size: files.reduce((sum, file) => sum + statSync(file).size, 0) };
}

function filesOf(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { files, size } = makePackage(process.argv[2] ?? join(root, 'demo/package'));
  process.stdout.write(`${files} files, ${(size / 1e6).toFixed(1)} MB\n`);
}
