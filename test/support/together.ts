import { globSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
// At once, not by import(): what a file registers later would belong to no suite.
const load = createRequire(import.meta.url);

/**
 * Runs files of tests in this process, one after the other, each as a suite of its own: to start a process and to warm its
 * code takes longer than most of these files. They share what a process has once, such as the functions it registered.
 * @param patterns of files, from the folder of tests; files that run alone are left out
 */
export function together(...patterns: string[]): void {
  for (const file of filesOf(patterns)) void describe(file, { timeout: 300_000 }, () => void load(join(root, file)));
}

/** The files that `together` runs, from the root of the project. */
export function filesOf(patterns: readonly string[]): string[] {
  const alone = new Set(filesAlone());
  const found = globSync(
    patterns.map((pattern) => `test/${pattern}`),
    { cwd: root },
  );
  return found
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => !alone.has(file))
    .sort();
}

/** The files that have a process of their own: `npm test` names them. */
export function filesAlone(): string[] {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: { test: string } };
  const patterns = scripts.test.split(/["\s]+/).filter((word) => word.endsWith('.test.ts'));
  return globSync(patterns, { cwd: root }).map((file) => file.replaceAll('\\', '/'));
}
