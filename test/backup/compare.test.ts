import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compare, isDue } from '../../lib/backup/compare.ts';
import { hasOnlyTables, stampOf } from '../../lib/backup/stamp.ts';
import { note } from '../../lib/backup/notes.ts';
import type { Saved } from '../../lib/backup/item.ts';

const saved: Saved = {
  format: 1,
  id: 'a'.repeat(32),
  owner: 'ana',
  folder: 'Maps',
  folderId: 'f',
  type: 'PDF',
  title: 'Report',
  stamp: '7',
  parts: [{ path: 'item.json', role: 'record', size: 1, sha256: 'same', lfs: false }],
  notes: [],
  path: 'Maps/PDF/Report',
};
const now = { stamp: '7', recordSha256: 'same', folderId: 'f', folder: 'Maps' };
const plain = { force: false, due: false };

const cases: [string, Partial<typeof now>, Saved | undefined, typeof plain, string][] = [
  ['nothing changed', {}, saved, plain, 'unchanged'],
  ['a new item', {}, undefined, plain, 'save'],
  ['another stamp', { stamp: '8' }, saved, plain, 'save'],
  ['an older stamp is another stamp too', { stamp: '6' }, saved, plain, 'save'],
  ['re-shared: another record, same stamp', { recordSha256: 'other' }, saved, plain, 'refresh'],
  ['moved to another folder', { folderId: 'g', folder: 'Plans' }, saved, plain, 'refresh'],
  ['its folder was renamed', { folder: 'Plans' }, saved, plain, 'refresh'],
  ['its turn to be read again', {}, saved, { force: false, due: true }, 'refresh'],
  [
    'its turn, and it could not be exported the last time',
    {},
    {
      ...saved,
      notes: [note('ROWS_BY_QUERIES', 'Rows were read by queries. The export did not end within 60 minutes.')],
    },
    { force: false, due: true },
    'save',
  ],
  [
    'it could not be exported the last time',
    {},
    {
      ...saved,
      notes: [note('ROWS_BY_QUERIES', 'Rows were read by queries. The export did not end within 60 minutes.')],
    },
    plain,
    'retry',
  ],
  [
    'it could not be exported the last time, and was shared since',
    { recordSha256: 'other' },
    { ...saved, notes: [note('ROWS_BY_QUERIES', 'Rows were read by queries. No.')] },
    plain,
    'retry',
  ],
  [
    'a view, whose rows are always read by queries',
    {},
    { ...saved, notes: [note('VIEW_ROWS', 'Rows were read by queries: a view shows what its source holds.')] },
    plain,
    'unchanged',
  ],
  [
    'a note that reads like one of an export that failed',
    {},
    { ...saved, notes: [note('OTHER', 'Rows were read by queries. No.')] },
    plain,
    'unchanged',
  ],
  ['everything is fetched again', {}, saved, { force: true, due: false }, 'save'],
  ['the archive lost its record', {}, { ...saved, parts: [] }, plain, 'refresh'],
];
for (const [why, change, had, options, expected] of cases) {
  test(`${why}: ${expected}`, () => {
    assert.equal(compare({ ...now, ...change }, had, options), expected);
  });
}

const day = 86_400_000;

test('within seven nightly runs every item has its turn exactly once', () => {
  const turns = new Map<string, number>();
  for (let n = 0; n < 700; n++) turns.set((n * 7919).toString(16).padStart(32, '0'), 0);
  for (let night = 100; night < 107; night++) {
    for (const [id, count] of turns) if (isDue(id, 7, (night - 1) * day, night * day)) turns.set(id, count + 1);
  }
  assert.deepEqual(new Set(turns.values()), new Set([1]));
});

test('a second run of one day reads nothing again', () => {
  for (let n = 0; n < 50; n++)
    assert.equal(isDue(n.toString(16).padStart(32, '0'), 7, 100 * day + 5, 100 * day + 9), false);
});

test('nights without a run are made up for', () => {
  for (let n = 0; n < 50; n++) assert.equal(isDue(n.toString(16).padStart(32, '0'), 7, 90 * day, 100 * day), true);
});

test('0 days means never, and the first run has read everything anyway', () => {
  assert.equal(isDue('0'.repeat(32), 0, 0, 100 * day), false);
  assert.equal(isDue('0'.repeat(32), 1, undefined, 100 * day), false);
});

test('the stamp holds every edit date of layers and tables, in the order of their ids', () => {
  const service = {
    layers: [
      { id: 1, editingInfo: { lastEditDate: 30, schemaLastEditDate: 40, dataLastEditDate: 30 } },
      { id: 0, editingInfo: { lastEditDate: 10 } },
    ],
    tables: [{ id: 2, editingInfo: { dataLastEditDate: 50 } }, { id: 3, editingInfo: null }, { id: 4 }],
  };
  assert.equal(stampOf(7, service), '7,10,30,40,30,50');
  assert.equal(stampOf(7), '7');
  assert.equal(stampOf(7, { layers: null, tables: null }), '7');
});

test('a service with tables and no layer has only tables', () => {
  assert.equal(hasOnlyTables({ tables: [{ id: 0 }] }), true);
  assert.equal(hasOnlyTables({ layers: [{ id: 0 }], tables: [{ id: 1 }] }), false);
  assert.equal(hasOnlyTables({}), false);
});
