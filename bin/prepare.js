// What npm runs after `npm ci` in a checkout. Without development dependencies there is no compiler, and nothing to do:
// `ago-backup.js` then runs the sources. An installed package has no sources, and is compiled.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';

const compiler = find('typescript/bin/tsc');
if (compiler !== undefined && existsSync('tsconfig.json')) {
  const { status } = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.json'], { stdio: 'inherit' });
  process.exitCode = status ?? 1;
}

function find(module) {
  try {
    return createRequire(import.meta.url).resolve(module);
  } catch (error) {
    if (error.code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}
