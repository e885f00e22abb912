import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  claimIn,
  exportTag,
  exportTitle,
  isMeant,
  looksTemporary,
  olderThanExport,
  type Intent,
} from '../../lib/backup/export-intent.ts';

const name = '0123456789abcdef0123456789abcdef01234567';
const open: Intent = { name, runId: 'r', itemId: 'service', owners: ['ana', 'backup'], after: 1000, base: null };
const known: Intent = { ...open, exportItemId: 'made' };
const item = { id: 'made', owner: 'ana', title: exportTitle(name), type: 'CSV', created: 1001 };

test('an intent finds its export by the id that the portal gave, or before that by the title and owner', () => {
  assert.equal(claimIn(item.title), name);
  for (const intent of [open, known]) assert.equal(isMeant(intent, item), true);
  assert.equal(isMeant(open, { ...item, id: 'any', owner: 'BACKUP', type: 'File Geodatabase' }), true);
  assert.equal(isMeant(known, { ...item, owner: 'carl' }), true, 'an export that changed hands');
});

for (const [what, intent, differs] of [
  ['of another id', known, { id: 'other' }],
  ['of another owner, when the id is unknown', open, { owner: 'carl' }],
  ['of another title', known, { title: exportTitle('f'.repeat(40)) }],
  ['whose title says more', known, { title: `${item.title} ` }],
  ['without a title', known, { title: null }],
  ['of another type', known, { type: 'Web Map' }],
  ['that was there before', known, { created: 1000 }],
] as [string, Intent, object][]) {
  test(`an item ${what} is not what an intent stands for`, () => {
    assert.equal(isMeant(intent, { ...item, ...differs }), false);
  });
}

test('what a person would take for an export of ours is told from what anybody has', () => {
  const old = 'ago-backup temporary export 0123abcd aaaa 0190f3f1-0000-7000-8000-000000000000';
  for (const title of [item.title, old, 'AGO-BACKUP Temporary Export of mine']) {
    assert.equal(looksTemporary({ title, tags: [] }), true, title);
  }
  assert.equal(looksTemporary({ title: 'Parcels', tags: [exportTag] }), true);
  assert.equal(looksTemporary({ title: `My ${item.title}`, tags: ['ago-backup'] }), false);
  assert.equal(looksTemporary({ title: null, tags: [] }), false);
});

test('an export is younger than all that the listing showed, whatever our clock says, and than items of the future', () => {
  assert.equal(olderThanExport(1_000_000, 5_000_000), 1_000_000);
  assert.equal(olderThanExport(9_000_000, 5_000_000), 4_400_000);
});
