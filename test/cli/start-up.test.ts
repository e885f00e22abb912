import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';

/** Loads a module of lib/cli in a process of its own; the packages that this loads. */
async function packagesOf(module: string): Promise<string[]> {
  const url = new URL(`../../lib/cli/${module}`, import.meta.url).href;
  const code = `
    const found = new Set();
    require('node:module').registerHooks({
      load(url, context, next) {
        const name = /\\/node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(url)?.[1];
        if (name !== undefined) found.add(name);
        return next(url, context);
      },
    });
    import(${JSON.stringify(url)}).then(() => console.log([...found].join(' ')));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--eval', code]);
  return stdout.trim().split(' ');
}

test('a command loads no library of Azure, of the portal or of Durable before it needs one', async () => {
  const loaded = await packagesOf('doctor.ts');
  assert.ok(loaded.includes('zod'), String(loaded));
  const late = loaded.filter((name) => /^(?:@azure|@esri|durable-functions)/.test(name));
  assert.deepEqual(late, []);
});
