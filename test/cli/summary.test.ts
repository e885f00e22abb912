import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ItemFailure, RunRecord } from '../../lib/backup/run.ts';
import { printable } from '../../lib/cli/printable.ts';
import { readable } from '../../lib/backup/words.ts';
import { summary } from '../../lib/cli/run.ts';
import { emptyRecord } from '../../lib/archive/runs/run-record.ts';

function record(more: Partial<RunRecord>): RunRecord {
  return { ...emptyRecord({ runId: 'r', started: 0 }, 'complete', 61_000), ...more };
}

function failure(more: Partial<ItemFailure> = {}): ItemFailure {
  const id = 'a'.repeat(32);
  return { itemId: id, title: 'Parcels', owner: 'ana', code: 'ITEM_GONE', message: 'It went.', hint: 'Wait.', ...more };
}

test('a complete run is counts, sizes and the commit', () => {
  const counts = { listed: 9, added: 1, changed: 2, unchanged: 5, removed: 4, excluded: 1, bytes: 1_234_567 };
  const members = { listed: 7, excluded: 2, failed: 0 };
  assert.deepEqual(summary(record({ ...counts, members, commit: 'c0ffee' })), [
    'Backup complete: 1 added, 2 changed, 5 unchanged, 4 removed, 1 left out, 0 failed',
    '9 items of 5 members, 1.2 MB fetched in 61 s',
    'Commit c0ffee',
  ]);
  assert.equal(summary(record({})).at(-1), 'No commit: nothing changed');
});

test('a partial run names what failed, with its cure; after twenty the rest is counted', () => {
  const failures = [failure({ itemId: null, title: '' }), ...Array.from({ length: 24 }, () => failure())];
  const lines = summary(record({ outcome: 'partial', warnings: ['PRUNE_LIMIT: Look.'], failures })).slice(3);
  assert.deepEqual(lines.slice(0, 5), [
    '! PRUNE_LIMIT: Look.',
    '! member ana: ITEM_GONE: It went.',
    '  Wait.',
    `! Parcels (${'a'.repeat(32)}, ana): ITEM_GONE: It went.`,
    '  Wait.',
  ]);
  assert.equal(lines.length, 1 + 20 * 2 + 1);
  assert.equal(lines.at(-1), '! and 5 more; --json lists them all');
});

test('a failed run is its cause, the cure, and what else is wrong', () => {
  const error = { code: 'STORE_FULL', message: 'The disk is full.', hint: 'Free space.' };
  assert.deepEqual(summary(record({ outcome: 'failed', error, warnings: ['PING_FAILED: Nobody heard.'] })), [
    'Backup failed: STORE_FULL: The disk is full.',
    'Free space.',
    '! PING_FAILED: Nobody heard.',
  ]);
});

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('\u001b[2J', '\u009b2J', '\u001b]8;;http://x\u0007', 'a\nBackup complete', '\u2028', '\u202eexe'),
);

test('no text of a portal forges a line of the summary, or commands the terminal', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const evil = failure({ title: text, owner: text, message: text, hint: text });
      const error = { code: 'PORTAL_ERROR', message: text, hint: text };
      const lines = [
        ...summary(record({ outcome: 'partial', warnings: [text], failures: [evil, { ...evil, itemId: null }] })),
        ...summary(record({ outcome: 'failed', error })),
      ];
      assert.equal(lines.length, 3 + 1 + 4 + 2);
      for (const line of lines) assert.doesNotMatch(line, /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u);
    }),
  );
});

test('what is made printable keeps its lines and its letters, and nothing that a terminal obeys', () => {
  assert.equal(printable('Zürich 🗺\n  \u001b[31mred\u009b0m\r\u202e'), 'Zürich 🗺\n   [31mred 0m  ');
  fc.assert(
    fc.property(anyText, (text) => {
      const shown = printable(text);
      assert.doesNotMatch(shown, /[^\P{Cc}\n]/u);
      assert.equal(shown.split('\n').length, text.split('\n').length);
    }),
  );
});

for (const [bytes, text] of [
  [0, '0 bytes'],
  [999, '999 bytes'],
  [1000, '1.0 kB'],
  [1_500_000, '1.5 MB'],
  [2_000_000_000, '2.0 GB'],
  [3.2e12, '3.2 TB'],
  [4e15, '4000.0 TB'],
] as const) {
  test(`${bytes} bytes are ${text}`, () => {
    assert.equal(readable(bytes), text);
  });
}
