import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { BackupError, cures, toFailure, toMessage, type ErrorCode } from '../lib/errors.ts';

const root = new URL('../', import.meta.url);
const codes = Object.keys(cures) as ErrorCode[];

/** The rows of a table in the README: first and second cell. */
async function tableOf(heading: string): Promise<[string, string][]> {
  const text = await readFile(new URL('README.md', root), 'utf8');
  const table = text.slice(text.indexOf(heading));
  return [...table.matchAll(/^\| ([A-Z_]+) \| (.+?) \|$/gm)].map(([, code = '', cure = '']) => [code, cure]);
}

test('the README explains every code with its cure, and no other', async () => {
  assert.deepEqual(
    await tableOf('| code | what to do |'),
    codes.map((code) => [code, cures[code]]),
  );
});

test('every code is thrown somewhere', async () => {
  const files = await readdir(new URL('lib/', root), { recursive: true });
  const sources = files.filter((file) => file.endsWith('.ts') && file !== 'errors.ts');
  const text = (await Promise.all(sources.map((file) => readFile(new URL(`lib/${file}`, root), 'utf8')))).join('\n');
  assert.deepEqual(
    codes.filter((code) => !text.includes(`'${code}'`) && !text.includes(`${code}:`) && code !== 'INTERNAL'),
    [],
  );
});

test('an error keeps its code when Durable carries it as text, through any number of wrappings', () => {
  const text = toMessage(new BackupError('STORE_FULL', 'The disk is full.'));
  const wrapped = new Error(
    `Orchestrator function 'backup' failed: Activity function 'saveItem' failed: ${text}\n  at x`,
  );
  assert.deepEqual(toFailure(wrapped), { code: 'STORE_FULL', message: 'The disk is full.', hint: cures.STORE_FULL });
});

test('what is no error of ours is INTERNAL, without a stack', () => {
  assert.deepEqual(toFailure(new TypeError('x is not a function\n at y')), {
    code: 'INTERNAL',
    message: 'x is not a function',
    hint: cures.INTERNAL,
  });
  assert.equal(toFailure('[NO_SUCH_CODE] hm').code, 'INTERNAL');
});

test('a cause stays inside', () => {
  const error = new BackupError('STORE_FULL', 'x', { cause: new Error('token=secret') });
  assert.doesNotMatch(JSON.stringify(error), /secret/);
});
