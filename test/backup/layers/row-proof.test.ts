import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CsvRecords } from '../../../lib/backup/layers/csv-records.ts';
import { proveRows, type RowProof } from '../../../lib/backup/layers/row-proof.ts';

type Counts = Record<string, number | null>;

const layersOf = (counts: Counts) =>
  Object.entries(counts).map(([name, rows], id) => ({ id, name, rows, attachments: 0 }));
const tablesOf = (counts: Counts) =>
  Object.entries(counts).map(([name, rows]) => ({ name: name.startsWith('?') ? null : name, rows }));

/** Counts before and after, what the export holds, and what follows. */
const cases: [name: string, before: Counts, after: Counts, tables: Counts, is: RowProof['is']][] = [
  ['holds what was counted', { A: 5, B: 0 }, { A: 5, B: 0 }, { A: 5, B: 0 }, 'proven'],
  ['names layers its own way', { 'A b': 5, '1': 7 }, { 'A b': 5, '1': 7 }, { A_b: 5, T_1: 7 }, 'proven'],
  ['has a table more', { A: 5 }, { A: 5 }, { A: 5, A_B: 900 }, 'proven'],
  ['lacks a layer without rows', { A: 5, B: 0 }, { A: 5, B: 0 }, { A: 5 }, 'proven'],
  ['holds more than was counted', { A: 5 }, { A: 5 }, { A: 6 }, 'proven'],
  ['lacks a row', { A: 5, B: 9 }, { A: 5, B: 9 }, { A: 4, B: 9 }, 'lacking'],
  ['lacks a row, and others have more', { A: 5, B: 9 }, { A: 5, B: 9 }, { A: 4, B: 99, C: 9 }, 'lacking'],
  ['lacks a layer', { A: 5, B: 9 }, { A: 5, B: 9 }, { A: 99 }, 'lacking'],
  ['lacks a row in a table of another name', { A: 5, B: 9 }, { A: 5, B: 9 }, { X: 5, Y: 8 }, 'lacking'],
  ['has no tables', { A: 5 }, { A: 5 }, {}, 'lacking'],
  ['has names that say nothing', { A: 5, a: 9 }, { A: 5, a: 9 }, { A: 9, A_1: 5 }, 'proven'],
  ['was made before rows came', { A: 5 }, { A: 7 }, { A: 5 }, 'moved'],
  ['was made while rows came', { A: 5 }, { A: 7 }, { A: 6 }, 'moved'],
  ['was made after rows went', { A: 7 }, { A: 5 }, { A: 5 }, 'moved'],
  ['lacks what both counts had', { A: 7 }, { A: 5 }, { A: 4 }, 'lacking'],
  ['was made before a layer came', { A: 5 }, { A: 5, B: 2 }, { A: 5 }, 'moved'],
  ['was made before a layer went', { A: 5, B: 2 }, { A: 5 }, { A: 5 }, 'moved'],
  ['is of a kind that is not known', { A: 5 }, { A: 5 }, { '?': null }, 'unknown'],
  ['does not name its tables, of which one may be it', { A: 5 }, { A: 5 }, { '?1': 5, '?2': 1 }, 'unknown'],
  ['does not name its tables, of which none can be it', { A: 5 }, { A: 5 }, { '?1': 4, '?2': 1 }, 'lacking'],
  ['is of a layer that is not counted', { A: null }, { A: null }, { A: 5 }, 'unknown'],
];

for (const [name, before, after, tables, is] of cases) {
  test(`an export that ${name} is ${is}`, () => {
    const exported = { tables: tablesOf(tables), attachments: new Map() };
    assert.equal(proveRows(layersOf(before), layersOf(after), exported).is, is);
  });
}

for (const [text, count] of [
  ['', 0],
  ['a,b\r\n', 0],
  ['a,b\r\n1,2\r\n3,4\r\n', 2],
  ['a,b\n1,2\n3,4', 2],
  ['a,b\r\n1,"two\r\nlines, and ""more"""\r\n3,4\r\n', 2],
  ['a,b\r\n1,2\r\n\r\n', 1],
  ['a\r\n\r\n1\r\n', 2],
  ['a,b\r\n1,2\r\n3', 1],
  ['a,b\r\n1,2\r\n3,"cu', 1],
] as const) {
  test(`the CSV ${JSON.stringify(text)} has ${count} records, in whatever pieces it comes`, () => {
    for (const size of [1, 3, 1000]) {
      const records = new CsvRecords();
      const bytes = Buffer.from(text);
      for (let n = 0; n < bytes.length; n += size) records.add(bytes.subarray(n, n + size));
      assert.equal(records.count, count);
    }
  });
}
