import assert from 'node:assert/strict';
import { test } from 'node:test';
import { csvOf, planLines, resultLines } from '../../lib/cli/restore-lines.ts';
import type { Plan, PlannedItem, RestoredItem } from '../../lib/restore/words.ts';

const map: PlannedItem = {
  itemId: 'a'.repeat(32),
  title: '=HYPERLINK("x"), \u001b[2Jdistricts',
  type: 'Web Map',
  owner: 'ana',
  state: 'live',
  mode: 'in-place',
  commit: 'c'.repeat(40),
  steps: [{ step: 'data', danger: 2, what: 'puts back its data' }],
  overwrites: ['data'],
  blocked: null,
};
const layer: PlannedItem = {
  ...map,
  itemId: 'b'.repeat(32),
  title: 'Parcels',
  steps: [],
  overwrites: [],
  blocked: { code: 'RESTORE_CLASS', message: 'Not yet.', hint: 'Publish it by hand.' },
};
const plan: Plan = {
  planId: 'p',
  target: { portal: 'https://portal', organization: 'org', account: 'keeper' },
  at: 'latest',
  items: [layer, map],
  order: [map.itemId],
  dangling: [{ itemId: map.itemId, names: 'd'.repeat(32) }],
  pointing: [{ ...layer, itemId: 'e'.repeat(32), title: 'Viewer', names: ['d'.repeat(32)] }],
  needs: { privileges: [], requests: 1, bytes: 10 },
  warnings: [{ code: 'NEWER', itemId: map.itemId, message: 'It was changed since.' }],
};

test('a person reads what is overwritten, what is not restored and why, and what names nothing', () => {
  const text = planLines(plan).join('\n');
  for (const words of ['overwrites data', 'RESTORE_CLASS: Not yet.', 'Publish it by hand.', 'It was changed since.'])
    assert.ok(text.includes(words), words);
  assert.match(text, /names d{32}, which is not there/);
  assert.match(text, /Viewer \(Web Map of ana, e{32}\) names d{32}, which is called otherwise/);
  assert.match(text, /With --repoint these get the new names\./);
  assert.match(text, /1 item to restore, about 1 write, 10 bytes; 1 not\./);
  assert.doesNotMatch(text, /\u001b/);
});

test('the table for a team is one that no spreadsheet takes for formulas, with what to do by hand', () => {
  const lines = csvOf(plan).split('\r\n');
  assert.equal(lines.length, 4);
  assert.match(lines[1] ?? '', /^data,a{32},"'=HYPERLINK\(""x""\), /);
  assert.match(lines[2] ?? '', /^,b{32},Parcels,.*,Not yet\.,,Publish it by hand\.$/);
});

test('the end calls items by their titles, and those without one by their ids', () => {
  const none: Omit<RestoredItem, 'itemId' | 'outcome'> = {
    newId: null,
    mode: 'new',
    differences: [],
    code: null,
    message: null,
  };
  const items: RestoredItem[] = [
    { ...none, itemId: 'a'.repeat(32), title: 'Districts', newId: 'f'.repeat(32), outcome: 'restored' },
    { ...none, itemId: 'b'.repeat(32), title: ' ', outcome: 'failed', code: 'RESTORE_NAME', message: 'Taken.' },
    { ...none, itemId: 'c'.repeat(32), outcome: 'different', differences: [{ part: 'data', what: 'other' }] },
  ];
  const ids = { ['a'.repeat(32)]: 'f'.repeat(32) };
  const text = resultLines({ restoreId: 'r', outcome: 'partial', ids, items, beforeCommit: null }).join('\n');
  assert.match(text, /^ {2}Districts, once a{32}, is f{32} now$/m);
  assert.match(text, /^! \(untitled, b{32}\): RESTORE_NAME: Taken\.$/m);
  assert.match(text, /^! c{32}: different: data \(other\)$/m);
});
