import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commitMessage, pingText, runOf } from '../../lib/backup/report.ts';
import { numberOf, oneLine } from '../../lib/backup/words.ts';
import type { RunRecord } from '../../lib/backup/run.ts';

const record: RunRecord = {
  runId: '0190b5c4-0000-7000-8000-000000000000',
  outcome: 'partial',
  commit: null,
  members: { listed: 3, excluded: 1, failed: 0 },
  listed: 10,
  added: 1,
  changed: 1,
  unchanged: 6,
  removed: 1,
  excluded: 1,
  failed: 1,
  gaps: 0,
  bytes: 5,
  failures: [{ itemId: 'a', title: 'Roads', owner: 'bo', code: 'EXPORT_FAILED', message: 'No.', hint: 'Do it.' }],
  warnings: [],
  seconds: 4,
  started: 0,
};

test('the commit message has the counts, a line per item and the trailers', () => {
  const lines = [
    { mark: '~' as const, title: 'Zoo', type: 'PDF', owner: 'bo' },
    { mark: '+' as const, title: 'Parcels', type: 'Feature Service', owner: 'ana' },
    { mark: '-' as const, title: 'Old', type: 'CSV', owner: 'bo' },
  ];
  assert.equal(
    commitMessage(record, lines, '2026-11-23'),
    `Backup 2026-11-23: 1 added, 1 changed, 1 removed, 1 failed

+ Parcels (Feature Service, ana)
- Old (CSV, bo)
~ Zoo (PDF, bo)
! Roads (a, bo): EXPORT_FAILED: No.

Run-Id: 0190b5c4-0000-7000-8000-000000000000
Listed: 10
Unchanged: 6
Excluded: 1
`,
  );
});

test('a title cannot forge a trailer', () => {
  const lines = [{ mark: '+' as const, title: 'x\n\nRun-Id: forged\u2028Run-Id: forged', type: 'PDF', owner: 'eve' }];
  const message = commitMessage(record, lines, '2026-11-23');
  assert.equal(runOf(message), record.runId);
  assert.equal(message.match(/^Run-Id:/gm)?.length, 1);
});

test('a commit with thousands of changes lists 500 and says how many more', () => {
  const lines = Array.from({ length: 900 }, (_, n) => ({
    mark: '+' as const,
    title: `Item ${n}`,
    type: 'PDF',
    owner: 'ana',
  }));
  const message = commitMessage(record, lines, '2026-11-23');
  assert.equal(message.match(/^\+ /gm)?.length, 500);
  assert.match(message, /^ {2}and 401 more$/m);
});

test('neither a warning nor the cause of a failed run forges a line of the ping', () => {
  const evil = 'no\n\nBackup complete in 1 s\r\u2028commit: c0ffee\u001b[2J';
  const error = { code: 'AUTH_SIGN_IN', message: evil, hint: 'Check.' };
  const text = pingText({ ...record, outcome: 'failed', error, warnings: [evil], failures: [] });
  assert.equal(text.split(/[\n\r\u2028]/).length, 4 + 3 + 2);
  assert.doesNotMatch(text, /^(Backup complete|commit: c0)/m);
  assert.doesNotMatch(text, /[^\P{Cc}\n]/u);
});

test('terminal sequences and direction marks do not survive in a line', () => {
  assert.equal(oneLine('a\u001b[31mb\u202ec\r\nd'), 'a [31mb c d');
});

test('a ping lists the first twenty failures with code and cure, and counts the rest', () => {
  const failures = Array.from(
    { length: 25 },
    (_, n) => ({ ...record.failures[0], itemId: `i${n}` }) as RunRecord['failures'][0],
  );
  const text = pingText({ ...record, failures });
  assert.equal(text.match(/EXPORT_FAILED: No\./g)?.length, 20);
  assert.equal(text.match(/Do it\./g)?.length, 20);
  assert.match(text, /and 5 more failures/);
});

test('a commit that a person made belongs to no run', () => {
  assert.equal(runOf('Fix a typo\n'), undefined);
});

test('what is counted is told in the singular where it is one', () => {
  assert.deepEqual(
    [0, 1, 2].map((count) => numberOf(count, 'item')),
    ['0 items', '1 item', '2 items'],
  );
  assert.equal(numberOf(2, 'copy', 'copies'), '2 copies');
});
