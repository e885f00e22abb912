import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { filesAlone, filesOf } from './support/together.ts';

const root = new URL('../', import.meta.url);

test('npm test runs every file of tests once, alone or together with others', () => {
  const patterns = globSync('test/together/*.ts', { cwd: root }).map((file) => {
    const [, given = ''] = /^together\(([^)]+)\);$/m.exec(readFileSync(new URL(file, root), 'utf8')) ?? [];
    return [...given.matchAll(/'([^']+)'/g)].map(([, pattern = '']) => pattern);
  });
  const run = [...filesAlone(), ...patterns.flatMap(filesOf)];
  const all = globSync('test/**/*.test.ts', { cwd: root }).map((file) => file.replaceAll('\\', '/'));
  assert.deepEqual(run.sort(), all.sort());
  assert.ok(patterns.every((each) => each.length > 0));
});

test('npm run test:long runs every file that has a long form', () => {
  const { scripts } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const [, pattern = ''] = /"([^"]+)"/.exec(scripts['test:long'] ?? '') ?? [];
  const run = new Set(globSync(pattern, { cwd: root }));
  const isLong = (file: string) => /process\.env\['LONG'\]/.test(readFileSync(new URL(file, root), 'utf8'));
  const lacking = globSync('test/**/*.test.ts', { cwd: root }).filter((file) => isLong(file) && !run.has(file));
  assert.deepEqual(lacking, []);
});

test('the last that a file of tests reports arrives, however late it is read', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'ago-report-'));
  t.after(() => rm(folder, { recursive: true }));
  const file = join(folder, 'many.test.mjs');
  const name = 'a name that fills the pipe '.repeat(20);
  await writeFile(
    file,
    `import { test } from 'node:test'; for (let i = 0; i < 500; i++) test('${name}' + i, () => {});`,
  );
  const preload = fileURLToPath(new URL('support/preload/all.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', preload, '--test-force-exit', file], {
    env: { ...process.env, NODE_TEST_CONTEXT: 'child-v8' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  // Read it slowly: the pipe is full when the file is at its end.
  let report = '';
  for await (const chunk of child.stdout) {
    report += (chunk as Buffer).toString('latin1');
    for (let turn = 0; turn < 5000; turn++) await setImmediate();
  }
  assert.deepEqual(await ended, [0, null]);
  const events = report.split('test:pass').length - 1;
  assert.deepEqual([events, report.split('test:summary').length - 1], [500, 1]);
});
