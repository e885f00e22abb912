import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listLines } from '../../lib/cli/run.ts';
import type { RunLists } from '../../lib/backup/changes.ts';
import { newBackup } from '../support/backup.ts';
import { Organization } from '../support/portal/organization.ts';

test('a run tells item by item what it changed and what it left out, and why', async (t) => {
  const org = new Organization();
  org.addMember('ana');
  org.addMember('temp_1');
  const add = (title: string, more = {}) =>
    org.addItem({ owner: 'ana', type: 'Web Map', title, json: { title }, ...more });
  const [plan, old, roads] = [add('Plan'), add('Old'), add('Roads')];
  const tagged = add('Tagged', { tags: ['ago_view'] });
  const grouped = add('Grouped');
  const code = org.addItem({ owner: 'ana', type: 'Code Attachment', title: 'Code', file: 'flyer.pdf' });
  org.share(grouped.record.id, org.addGroup("Don't back up").id);
  const { run, open } = await newBackup(t, { org, settings: { BACKUP_SKIP_USERS: 'temp_*' } });
  const { host } = await open();
  const listsOf = async (runId: string, query = '') => {
    const { status, body } = await host.request({
      method: 'GET',
      path: `/api/backups/${runId}/changes${query}`,
      headers: {},
    });
    assert.equal(status, 200, body);
    return JSON.parse(body) as RunLists & { total: object; next: string | null };
  };
  const first = await listsOf((await run()).runId);
  assert.deepEqual(
    first.changes.map(({ op, title, why }) => [op, title, why]).sort(),
    ['Old', 'Plan', 'Roads'].map((title) => ['added', title, 'new in the portal']),
  );
  assert.deepEqual(
    first.leftOut.map(({ itemId, owner, why }) => [itemId, owner, why]).sort(),
    [
      ['', 'temp_1', 'left out by BACKUP_SKIP_USERS'],
      [code.record.id, 'ana', 'type Code Attachment'],
      [grouped.record.id, 'ana', "shared with the group Don't back up"],
      [tagged.record.id, 'ana', 'tagged ago_view'],
    ].sort(),
  );
  org.quietlyEdit(plan.record.id, { snippet: 'new' });
  org.moveItem(roads.record.id, org.addFolder('ana', 'Maps').id);
  org.deleteItem(old.record.id);
  const record = await run();
  const second = await listsOf(record.runId);
  assert.deepEqual(second.changes.map(({ op, title, why }) => [op, title, why]).sort(), [
    ['changed', 'Plan', 'record'],
    ['moved', 'Roads', 'folder, record'],
    ['removed', 'Old', 'gone from the portal'],
  ]);
  const page = await listsOf(record.runId, '?limit=2&cursor=2');
  assert.deepEqual([page.changes.length, page.leftOut.length, page.next], [1, 2, null]);
  assert.equal((await listsOf(record.runId, '?limit=2')).next, '2');
  for (const [query, status] of [
    ['?limit=0', 400],
    ['?cursor=x', 400],
  ] as const) {
    const path = `/api/backups/${record.runId}/changes${query}`;
    assert.equal((await host.request({ method: 'GET', path, headers: {} })).status, status);
  }
  const unknown = await host.request({ method: 'GET', path: '/api/backups/..%2Fx/changes', headers: {} });
  assert.equal(unknown.status, 404);
});

test('a terminal shows the first twenty of each list, and says where the others are', () => {
  const one = { itemId: 'a', title: 'A\u001b[31m', owner: 'ana', type: 'PDF', why: 'new in the portal' };
  const changes = Array.from({ length: 332 }, () => ({ op: 'added' as const, ...one }));
  const lines = listLines({ changes, leftOut: [{ ...one, title: '', why: 'tagged x' }] });
  assert.equal(lines[20], '  and 312 more: --json');
  assert.equal(lines.at(-1), '  left out: (untitled, a) (PDF, ana): tagged x');
  assert.ok(!lines.join('').includes('\u001b'));
});
