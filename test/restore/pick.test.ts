import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pickItems } from '../../lib/restore/drill/pick.ts';

const items = [
  { itemId: 'm1', type: 'Web Map', size: 1 },
  { itemId: 'm2', type: 'Web Map', size: 1 },
  { itemId: 'p1', type: 'PDF', size: 1 },
  { itemId: 'big', type: 'CSV', size: 1e9 },
];

test('a drill takes one of each type before two of one, and what was not drilled for longest; nothing huge', () => {
  assert.deepEqual(pickItems(items, new Map(), 2), ['p1', 'm1']);
  assert.deepEqual(pickItems(items, new Map(), 9), ['p1', 'm1', 'm2']);
  assert.deepEqual(
    pickItems(
      items,
      new Map([
        ['p1', 5],
        ['m1', 4],
      ]),
      2,
    ),
    ['m2', 'p1'],
  );
  assert.deepEqual(pickItems([], new Map(), 2), []);
});
