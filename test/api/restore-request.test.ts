import { HttpRequest } from '@azure/functions';
import { Command } from 'commander';
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { readRestoreRequest } from '../../lib/api/restore-request.ts';
import { declareRestore } from '../../lib/cli/commands/restore.ts';

/** What each option of the command is over HTTP, by its long name: a field of the request with a value, or a way of its own. */
const overHttp: Record<string, [field: string, value: unknown] | string> = {
  at: ['at', '2026-11-17'],
  mode: ['mode', 'beside'],
  only: ['only', ['data']],
  rows: ['rows', 'changed'],
  fields: ['fields', ['Zone']],
  user: ['users', ['ana']],
  folder: ['folders', ['Maps']],
  group: ['groups', ['Crew']],
  all: ['all', true],
  'with-uses': ['withUses', true],
  owner: ['owner', 'ben'],
  'widen-sharing': ['widenSharing', true],
  repoint: ['repoint', true],
  'dry-run': 'POST /api/restores',
  yes: 'POST /api/restores/{id}/start',
  undo: 'POST /api/restores/{id}/undo',
  resume: 'POST /api/restores/{id}/start',
  list: 'GET /api/restores',
};
/** What is about this machine and this terminal. */
const local = ['store', 'json', 'csv'];

const read = (body: object) =>
  readRestoreRequest(
    new HttpRequest({ method: 'POST', url: 'http://localhost/api/restores', body: { string: JSON.stringify(body) } }),
  );

test('whatever the command can be asked for can be asked for over HTTP, and docs/http.md says how', async () => {
  const program = new Command();
  declareRestore(program);
  const declared = program.commands[0]?.options.map(({ long }) => long?.slice(2) ?? '') ?? [];
  assert.deepEqual(declared.filter((name) => !local.includes(name)).sort(), Object.keys(overHttp).sort());
  const docs = await readFile('docs/http.md', 'utf8');
  for (const [name, way] of Object.entries(overHttp)) {
    if (typeof way === 'string') {
      assert.ok(docs.includes(`\`${way}\``), name);
      continue;
    }
    const [field, value] = way;
    assert.deepEqual(await read({ items: ['x'], [field]: value }), { items: ['x'], [field]: value });
    assert.match(docs, new RegExp(`^.POST /api/restores. .\\{.*\\b${field}\\?`, 'm'), name);
  }
});

for (const [what, body] of [
  ['another row', { rows: 'exact' }],
  ['another field', { pretty: true }],
  ['another type', { repoint: 'yes' }],
] as const)
  test(`${what} is refused with what is wrong`, async () => {
    await assert.rejects(read(body), { code: 'USAGE', message: new RegExp(Object.keys(body)[0] ?? '') });
  });
