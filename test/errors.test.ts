import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { BackupError, cures, toFailure, toMessage, type ErrorCode } from '../lib/errors.ts';

const root = new URL('../', import.meta.url);
const codes = Object.keys(cures) as ErrorCode[];

/** The rows of a table in docs/errors.md: first and second cell. */
async function tableOf(heading: string): Promise<[string, string][]> {
  const text = await readFile(new URL('docs/errors.md', root), 'utf8');
  const table = text.slice(text.indexOf(heading));
  return [...table.matchAll(/^\| ([A-Z_]+) \| (.+?) \|$/gm)].map(([, code = '', cure = '']) => [code, cure]);
}

test('docs/errors.md explains every code with its cure, and no other', async () => {
  assert.deepEqual(
    await tableOf('| code | what to do |'),
    codes.map((code) => [code, cures[code]]),
  );
});

test('every code is thrown somewhere', async () => {
  const files = await Promise.all(
    ['lib/', 'functions/'].map(async (folder) => {
      const names = await readdir(new URL(folder, root), { recursive: true });
      return names.filter((name) => name.endsWith('.ts') && name !== 'errors.ts').map((name) => folder + name);
    }),
  );
  const text = (await Promise.all(files.flat().map((file) => readFile(new URL(file, root), 'utf8')))).join('\n');
  // Asking for a code, and naming it in a type or a comment, is not throwing it.
  const thrown = text.replace(/[!=]== '[A-Z_]+'|isCode\([^)]*\)|: '[A-Z_]+'( \| '[A-Z_]+')+;|^ *(\*|\/\/).*$/gm, '');
  assert.deepEqual(
    codes.filter((code) => !thrown.includes(`'${code}'`) && !thrown.includes(`${code}: `)),
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

for (const code of codes) {
  test(`${code} crosses Durable as itself, and whatever its message says does not make it another`, () => {
    const message = 'The portal says: [STORE_FULL] no; see [NO_SUCH_CODE] (a] [b).';
    const lane = new Error(`Activity function 'x' failed: ${toMessage(new BackupError(code, message))}`);
    const run = new Error(`Sub orchestrator function 'y' failed: ${toMessage(lane)} \n    at z`);
    const found = toFailure(run);
    assert.deepEqual([found.code, found.hint], [code, cures[code]]);
    assert.equal(found.message.trim(), message);
  });
}

test('a cure that is not that of the code crosses Durable with it', () => {
  const hint = 'Sign in once in a browser\nwith this account.';
  const lane = new Error(
    `Activity 'x' failed: ${toMessage(new BackupError('AUTH_SIGN_IN', 'No [TO DO] list.', { hint }))}`,
  );
  assert.deepEqual(toFailure(new Error(`Sub orchestrator function 'y' failed: ${toMessage(lane)} \n    at z`)), {
    code: 'AUTH_SIGN_IN',
    message: 'No list.',
    hint: 'Sign in once in a browser with this account.',
  });
});

test('a message of several lines arrives whole', () => {
  const text = toMessage(new BackupError('SETTINGS_INVALID', 'The settings cannot be used:\n- One.\n- Two.'));
  assert.equal(toFailure(new Error(text)).message, 'The settings cannot be used: - One. - Two.');
});

test('what is no error of ours is INTERNAL, without a stack', () => {
  assert.deepEqual(toFailure(new TypeError('x is not a function\n at y')), {
    code: 'INTERNAL',
    message: 'x is not a function',
    hint: cures.INTERNAL,
  });
  for (const other of [
    '[NO_SUCH_CODE] hm',
    '[NO_SUCH] [STORE_FULL] hm',
    '[STORE_FULL]hm',
    '[toString] hm',
    '',
    null,
    {},
  ])
    assert.equal(toFailure(other).code, 'INTERNAL');
});

test('a cause stays inside', () => {
  const error = new BackupError('STORE_FULL', 'x', { cause: new Error('token=secret') });
  assert.doesNotMatch(JSON.stringify(error), /secret/);
});

test('a message that quotes ten million letters of a portal is cut before it travels through Durable', () => {
  for (const error of [new BackupError('PORTAL_ERROR', 'x'.repeat(1e7)), new Error('y'.repeat(1e7))]) {
    assert.ok(toFailure(error).message.length <= 5001);
    assert.ok(toMessage(error).length < 6000);
  }
});
