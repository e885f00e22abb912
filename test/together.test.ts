import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
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
