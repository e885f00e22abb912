import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemClock } from '../../lib/clock.ts';
import type { Plan, RestoreResult } from '../../lib/restore/words.ts';
import { openStore } from '../../lib/storage/open.ts';
import { command } from '../support/command.ts';
import { runOnce } from '../support/one-run.ts';
import { jsonContent } from '../support/portal/content.ts';
import { startPortal } from '../support/portal/portal.ts';

test('the command shows its plan, changes nothing without a yes, restores, and takes back', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'ago-restore-'));
  const portal = await startPortal();
  t.after(async () => {
    await portal.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  });
  const { org } = portal;
  org.addMember('keeper', { role: 'org_admin' });
  org.addMember('ana');
  const id = org.addItem({ owner: 'ana', type: 'Web Map', title: 'Districts', json: { a: 1 } }).record.id;
  const viewer = org.addItem({ owner: 'ana', type: 'Dashboard', title: 'Viewer', json: { id } }).record.id;
  const address = `file:${join(folder, 'backup.git')}`;
  const store = openStore(address, { clock: systemClock });
  assert.equal((await runOnce({ portal, store, clock: systemClock }))?.outcome, 'complete');
  org.replaceData(id, jsonContent({ spoiled: true }));
  const account = { RESTORE_USERNAME: 'keeper', RESTORE_PASSWORD: 'keeper-password', RESTORE_RATE: '0' };
  const env = { ...portal.env, ...account, BACKUP_STORE: address };
  const restore = (...words: string[]) => command(['restore', ...words], env, folder);
  const data = () => org.item(id).data?.bytes().toString();

  const unasked = await restore('Districts');
  assert.equal(unasked.status, 2, unasked.stderr);
  assert.match(unasked.stderr, /Districts +Web Map +ana +[-\d]+ [:\d]+ UTC +live +in-place +overwrites data\n/);
  assert.deepEqual([data(), portal.writes()], ['{"spoiled":true}', []]);

  const done = await restore('Districts', '--yes', '--json');
  const { restoreId, outcome } = JSON.parse(done.stdout) as RestoreResult;
  assert.deepEqual([done.status, outcome, data()], [0, 'complete', '{"a":1}'], done.stderr);
  const undone = await restore('--undo', restoreId, '--yes');
  assert.deepEqual([undone.status, data()], [0, '{"spoiled":true}'], undone.stderr);
  assert.deepEqual(portal.writesOf('backup'), []);
  portal.writing.bin = 'off';
  org.deleteItem(id);
  const planned = await restore('Districts', '--repoint', '--dry-run', '--json');
  const { items, order, pointing } = JSON.parse(planned.stdout) as Plan;
  assert.deepEqual([order, pointing?.[0]?.names], [[id, viewer], [id]], planned.stderr);
  assert.deepEqual(
    items[1]?.steps.map(({ step }) => step),
    ['repoint'],
  );
  const listed = await command(['restore', '--list', '--json'], { BACKUP_STORE: address }, folder);
  assert.equal(listed.status, 0, listed.stderr);
  const { restores } = JSON.parse(listed.stdout) as { restores: { undoes: string | null }[] };
  assert.deepEqual(restores.map(({ undoes }) => undoes).sort(), [restoreId, null].sort());
});
