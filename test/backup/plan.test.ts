import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextItems, pagesOf, type Work } from '../../lib/backup/plan.ts';

/** s = saved, x = exported. */
function work(steps: string): Work[] {
  const blob = 'ago-backup/runs/0190f3f1-0000-7000-8000-000000000000/checks/0123456789abcdef/found-1234.jsonl';
  return [...steps].map((each, n) => ({
    itemId: n.toString(16).padStart(32, '0'),
    blob,
    start: 123_456_789,
    length: 1_234_567,
    step: each === 'x' ? 'export' : 'save',
    begun: true,
    weight: 1,
  }));
}

for (const [steps, sizes] of [
  ['', []],
  ['s'.repeat(100), [100]],
  ['s'.repeat(101), [100, 1]],
  ['x'.repeat(26), [25, 1]],
] as const) {
  test(`a lane of ${steps.length} ${steps.startsWith('x') ? 'exports' : 'items'} has pages of ${sizes.join(' and ') || 'nothing'}`, () => {
    const pages = pagesOf(work(steps));
    assert.deepEqual(
      pages.map(({ length }) => length),
      sizes,
    );
    for (const page of pages) assert.ok(JSON.stringify(page).length < 45_000);
  });
}

for (const [left, together] of [
  ['sss', 3],
  ['ssxs', 2],
  ['xss', 1],
  ['xx', 1],
  ['s'.repeat(80), 50],
  // As a run that an older version planned has them.
  [`${'s'.repeat(60)}x`, 50],
] as const) {
  test(`of ${left.length > 9 ? `${left.length} items` : left} the first ${together} go together`, () => {
    const all = work(left);
    assert.deepEqual(nextItems(all), all.slice(0, together));
  });
}
