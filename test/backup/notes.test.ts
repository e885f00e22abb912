import assert from 'node:assert/strict';
import { test } from 'node:test';
import { note, sortNotes, stillHold } from '../../lib/backup/notes.ts';
import type { Part } from '../../lib/backup/item.ts';

const part = (path: string): Part => ({ path, role: 'resource', size: 1, sha256: '', lfs: false });

test('a note stays as long as that which it is about: the data, a part, or this one run', () => {
  const notes = [
    note('ROWS_BY_QUERIES', 'rows'),
    note('ODD_CONTENT', 'odd', 'a.png'),
    note('TOKEN_MARKED', 'marked', 'b.json'),
    note('REFUSED', 'refused', 'a.png'),
    { code: 'OF_A_LATER_VERSION', text: 'later' },
  ];
  const codes = (kept: string[], isDataKept: boolean) =>
    stillHold(notes, kept.map(part), isDataKept).map(({ code }) => code);
  assert.deepEqual(codes([], false), []);
  assert.deepEqual(codes(['a.png'], false), ['ODD_CONTENT']);
  assert.deepEqual(codes(['b.json'], true), ['ROWS_BY_QUERIES', 'TOKEN_MARKED']);
});

test('notes stand in one order, once each, whatever the order in which they were made', () => {
  const [a, b, c] = [note('NO_DATA', 'b'), note('REFUSED', 'a', 'x'), note('REFUSED', 'a', 'y')];
  assert.deepEqual(sortNotes([a, b, c, a]), sortNotes([c, a, b]));
  assert.deepEqual(sortNotes([a, c, b]), [b, c, a]);
});
