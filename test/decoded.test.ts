import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decoded } from '../lib/decoded.ts';

test('a part of an address is decoded, and stays as it is where it is not well formed', () => {
  assert.deepEqual(['a%2Fb', 'Stra%C3%9Fe', '100%', '%ff', 'a+b'].map(decoded), [
    'a/b',
    'Straße',
    '100%',
    '%ff',
    'a+b',
  ]);
});
