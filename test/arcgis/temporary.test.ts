import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exportTag, exportTitle, markOf } from '../../lib/arcgis/temporary.ts';

const mark = { store: '0123abcd', itemId: 'a'.repeat(32), runId: '0190f3f1-0000-7000-8000-000000000000' };
const item = { title: exportTitle(mark), type: 'File Geodatabase', tags: [exportTag] };

test('an export of ours is known again by its title, type and tag', () => {
  assert.deepEqual(markOf(item), mark);
});

test('nothing that a member made is taken for an export of ours', () => {
  assert.equal(markOf({ ...item, tags: [] }), undefined);
  assert.equal(markOf({ ...item, type: 'Web Map' }), undefined);
  assert.equal(markOf({ ...item, title: `${item.title} copy` }), undefined);
  assert.equal(markOf({ ...item, title: `My ${item.title}` }), undefined);
  assert.equal(markOf({ ...item, title: null }), undefined);
});

test('two runs never use the same title, which the portal might refuse', () => {
  assert.notEqual(exportTitle(mark), exportTitle({ ...mark, runId: '0190f3f1-0000-7000-8000-000000000001' }));
});
