import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HttpRequest } from '@azure/functions';
import { answer, checkRunRequest, json, problem, readRunRequest } from '../../lib/api/answers.ts';
import { BackupError, cures } from '../../lib/errors.ts';

const id = 'a'.repeat(32);

function post(body: string): HttpRequest {
  return new HttpRequest({ method: 'POST', url: 'http://localhost/api/backups', body: { string: body } });
}

for (const [body, expected] of [
  ['', {}],
  [' \n', {}],
  ['{}', {}],
  ['{"users":[" ana "],"items":[],"force":false}', { users: ['ana'], items: [], force: false }],
  [`{"items":["${id}"],"acceptPrune":true}`, { items: [id], acceptPrune: true }],
] as const) {
  test(`a body of ${JSON.stringify(body)} is a request`, async () => {
    assert.deepEqual(await readRunRequest(post(body)), expected);
  });
}

for (const [body, said] of [
  ['{', /not JSON/],
  ['null', /expected object/],
  ['[]', /expected object/],
  ['"ana"', /expected object/],
  ['{"users":"ana"}', /users: /],
  ['{"users":[""]}', /users\.0: /],
  ['{"users":[7]}', /users\.0: /],
  [`{"users":["${'x'.repeat(257)}"]}`, /users\.0: /],
  ['{"items":["short"]}', /items\.0: an item id has 32 hex digits/],
  [`{"items":["${id}\\n"]}`, /items\.0: /],
  [`{"items":["../${'a'.repeat(29)}"]}`, /items\.0: /],
  ['{"force":"yes"}', /force: /],
  ['{"user":["ana"]}', /user/],
  [JSON.stringify({ users: Array.from({ length: 1001 }, () => 'x') }), /users: /],
  [JSON.stringify({ users: Array.from({ length: 300 }, () => 'x'.repeat(200)) }), /too much: it has \d+ bytes/],
  [' '.repeat(100_001), /too long/],
] as const) {
  test(`a body of ${JSON.stringify(body.slice(0, 40))} is refused, with what is wrong in it`, async () => {
    await assert.rejects(readRunRequest(post(body)), { code: 'USAGE', message: said });
  });
}

test('a wrong request is told what a right one looks like', () => {
  assert.throws(() => checkRunRequest({ everything: true }), { code: 'USAGE', hint: /^Send \{"users"/ });
});

test('a problem is one in the sense of RFC 9457, with code and cure', () => {
  const { status, body, headers } = problem(409, new BackupError('RUN_ACTIVE', 'Run 7 is under way.'), {
    location: '/x',
  });
  assert.equal(status, 409);
  assert.deepEqual(headers, { 'content-type': 'application/problem+json', location: '/x' });
  assert.deepEqual(JSON.parse(body as string), {
    type: 'about:blank',
    title: 'Run 7 is under way.',
    status: 409,
    code: 'RUN_ACTIVE',
    hint: cures.RUN_ACTIVE,
  });
});

for (const [code, status] of [
  ['USAGE', 400],
  ['SETTINGS_INVALID', 503],
  ['STORE_UNREACHABLE', 503],
] as const) {
  test(`a route that throws ${code} answers ${status}`, async () => {
    const found = await answer(() => Promise.reject(new BackupError(code, 'A sentence.')));
    assert.equal(found.status, status);
    assert.match(found.body as string, new RegExp(`A sentence.*${code}`));
  });
}

for (const error of [new TypeError('token=secret at /home/secret'), 'secret', undefined] as unknown as Error[]) {
  test(`a route that throws ${String(error).slice(0, 9)} answers 500 and shows nothing of it`, async () => {
    const { status, body } = await answer(() => Promise.reject(error));
    assert.equal(status, 500);
    assert.match(body as string, /INTERNAL/);
    assert.doesNotMatch(body as string, /secret/);
  });
}

test('a route that succeeds answers what it says', async () => {
  const found = await answer(() => Promise.resolve(json(202, { runId: '7' }, { 'retry-after': '10' })));
  assert.deepEqual(found, {
    status: 202,
    body: '{"runId":"7"}',
    headers: { 'content-type': 'application/json', 'retry-after': '10' },
  });
});
