import assert from 'node:assert/strict';
import { format, inspect } from 'node:util';
import { test } from 'node:test';
import { Secret } from '../lib/secret.ts';

const secret = new Secret('correct-horse');

for (const [name, print] of [
  ['a text', () => `${String(secret)} ${[secret].join()}`],
  ['JSON', () => JSON.stringify({ secret, list: [secret] })],
  ['inspect', () => inspect({ secret }, { depth: 9, showHidden: true })],
  ['a format of the console', () => format('%s %o %O %j', secret, secret, secret, secret)],
  ['a copy', () => inspect({ ...secret }) + inspect(structuredClone({ ...secret }))],
  ['its keys', () => inspect(Object.getOwnPropertyNames(secret))],
  ['an error', () => inspect(new Error(String(secret), { cause: secret }))],
] as [string, () => string][]) {
  test(`a secret in ${name} does not show itself`, () => {
    assert.doesNotMatch(print(), /correct-horse/);
  });
}

test('a secret shows itself when it is asked to', () => {
  assert.equal(secret.reveal(), 'correct-horse');
});
