import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isCode } from '../../lib/errors.ts';
import { progressOf, standingOf, type News } from '../../lib/restore/journal/entries.ts';
import { Journal } from '../../lib/restore/journal/journal.ts';
import { listRestores } from '../../lib/restore/journal/list.ts';
import type { Restore } from '../../lib/restore/journal/restore.ts';
import { MemoryStore } from '../../lib/storage/memory.ts';
import { VirtualClock } from '../support/clock.ts';

const restoreId = '0193a6f0-0000-7000-8000-000000000000';
const restore: Restore = {
  restoreId,
  started: Date.UTC(2026, 10, 23),
  mark: '0'.repeat(16),
  plan: {
    planId: restoreId,
    target: { portal: '', organization: '', account: 'keeper' },
    at: 'latest',
    items: [],
    order: [],
    dangling: [],
    needs: { privileges: [], requests: 0, bytes: 0 },
    warnings: [],
  },
  versions: {},
  targets: {},
  groups: {},
  only: [],
  honoursIds: false,
  undoes: null,
};

const ids = fc.constantFrom('a', 'b');
const steps = fc.constantFrom('create', 'data', 'record');
const news = fc.oneof(
  fc.record({ kind: fc.constant('started'), itemId: ids, step: steps }),
  fc.record({ kind: fc.constant('done'), itemId: ids, step: steps, newId: fc.constantFrom('x', 'y') }),
  fc.record({ kind: fc.constant('failed'), itemId: ids, code: fc.constant('C'), message: fc.constant('m') }),
  fc.record({ kind: fc.constant('saved'), commit: fc.constant('c'), items: fc.constant({ a: 1 }) }),
) as fc.Arbitrary<News>;

test('a journal that is opened again stands where it stood, whatever was written', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(news, { maxLength: 30 }), async (all) => {
      const clock = new VirtualClock();
      const store = new MemoryStore({ clock });
      const journal = await Journal.begin(store, clock, restore);
      for (const each of all) await journal.write(each);
      const again = await Journal.open(store, clock, restoreId);
      assert.deepEqual(again.standing, journal.standing);
    }),
    { numRuns: 50 },
  );
});

test('a step is done when it was said to be done after it was begun last', () => {
  fc.assert(
    fc.property(fc.array(news, { maxLength: 30 }), (all) => {
      const entries = all.map((each, n) => ({ n: n + 1, at: 0, ...each }));
      const standing = standingOf(entries);
      for (const itemId of ['a', 'b'])
        for (const step of ['create', 'data', 'record'] as const) {
          const last = entries.findLast((each) => 'step' in each && each.itemId === itemId && each.step === step);
          assert.equal(progressOf(standing, itemId).done.has(step), last?.kind === 'done');
        }
    }),
  );
});

test('of two writers of one journal the second is told so, and nothing is written over', async () => {
  const clock = new VirtualClock();
  const store = new MemoryStore({ clock });
  const first = await Journal.begin(store, clock, restore);
  const second = await Journal.open(store, clock, restoreId);
  await first.write({ kind: 'started', itemId: 'a', step: 'data' });
  await assert.rejects(second.write({ kind: 'started', itemId: 'b', step: 'data' }), (error) =>
    isCode(error, 'RUN_ACTIVE'),
  );
  await assert.rejects(Journal.begin(store, clock, restore), (error) => isCode(error, 'RUN_ACTIVE'));
  const { standing } = await Journal.open(store, clock, restoreId);
  assert.deepEqual([...standing.items.keys()], ['a']);
});

test('a journal that lacks an entry is not believed, and the list names it as damaged', async () => {
  const clock = new VirtualClock();
  const store = new MemoryStore({ clock });
  const journal = await Journal.begin(store, clock, restore);
  for (const step of ['data', 'record'] as const) await journal.write({ kind: 'started', itemId: 'a', step });
  await store.delete(`ago-backup/restores/${restoreId}/journal/000001.json`);
  await assert.rejects(Journal.open(store, clock, restoreId), (error) => isCode(error, 'STORE_DAMAGED'));
  assert.deepEqual(
    (await listRestores(store)).map(({ outcome }) => outcome),
    ['damaged'],
  );
});

test('two who follow a journal at the same time hear each entry once', async () => {
  const clock = new VirtualClock();
  const store = new MemoryStore({ clock });
  const journal = await Journal.begin(store, clock, restore);
  const reader = await Journal.open(store, clock, restoreId);
  await journal.write({ kind: 'started', itemId: 'a', step: 'data' });
  await Promise.all([reader.follow(), reader.follow()]);
  await journal.write({ kind: 'done', itemId: 'a', step: 'data' });
  await journal.write({ kind: 'failed', itemId: 'a', code: 'C', message: 'm' });
  await reader.follow();
  assert.deepEqual(reader.entries, journal.entries);
});
