import assert from 'node:assert/strict';
import { format, inspect } from 'node:util';
import { test } from 'node:test';
import { Secret } from '../lib/secret.ts';

const secret = new Secret('correct-horse');

for (const [name, printed, expected] of [
  ['a text', `${String(secret)} ${[secret].join()}`, '[redacted] [redacted]'],
  ['JSON', JSON.stringify({ secret, list: [secret] }), '{"secret":"[redacted]","list":["[redacted]"]}'],
  ['inspect', inspect({ secret }, { depth: 9, showHidden: true }), '{ secret: [redacted] }'],
  [
    'the formats of the console',
    format('%s %o %O %j', secret, secret, secret, secret),
    /^(\[redacted\] ?){3}"\[redacted\]"$/,
  ],
  ['a copy', inspect([{ ...secret }, structuredClone(secret)], { showHidden: true }), '[ {}, {}, [length]: 2 ]'],
  ['its keys', Reflect.ownKeys(secret).length, 0],
  ['an error', inspect(new Error(String(secret), { cause: { secret } })), /\[redacted\][^]*\[redacted\]/],
] as [string, string | number, string | number | RegExp][]) {
  test(`a secret in ${name} does not show itself`, () => {
    assert.doesNotMatch(String(printed), /correct-horse/);
    if (expected instanceof RegExp) assert.match(String(printed), expected);
    else assert.equal(printed, expected);
  });
}

test('a secret shows itself when it is asked to', () => {
  assert.equal(secret.reveal(), 'correct-horse');
});
