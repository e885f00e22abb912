import assert from 'node:assert/strict';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { dryRun, newDryRun } from '../../lib/dry-run/dry-run.ts';
import { newBackup } from '../support/backup.ts';
import { Organization } from '../support/portal/organization.ts';

/** Every file of a folder, with when it was written. */
async function filesOf(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  return Promise.all(names.sort().map(async (name) => `${name} ${(await stat(join(folder, name))).mtimeMs}`));
}

test('a dry run says what the run after it does, and changes nothing in the store or the portal', async (t) => {
  const org = new Organization();
  const add = (title: string, more = {}) =>
    org.addItem({ owner: 'backup', type: 'Web Map', title, json: { title }, ...more });
  const [plan, old] = [add('Plan'), add('Old')];
  add('Tagged', { tags: ['ago_view'] });
  const layer = org.addService({ owner: 'backup', title: 'Parcels', layers: ['Lots'] });
  const { run, open, store, portal } = await newBackup(t, { org });
  const { app } = await open();
  const rehearse = async () => {
    const before = await filesOf(store);
    portal.log.clear();
    const rehearsal = await dryRun(app.deps, newDryRun(app.deps, {}), () => undefined);
    assert.deepEqual(await filesOf(store), before);
    assert.equal(portal.log.count(/\/data$/), 0);
    assert.equal(
      portal.log.count(({ kind, path }) => kind === 'write' && !path.endsWith('generateToken')),
      0,
    );
    return rehearsal;
  };
  const sums = ({ added, changed, unchanged, removed, excluded, failed }: Awaited<ReturnType<typeof rehearse>>) => ({
    added,
    changed,
    unchanged,
    removed,
    excluded,
    failed,
  });
  const first = await rehearse();
  const done = await run();
  assert.deepEqual(sums(first), { added: done.added, changed: 0, unchanged: 0, removed: 0, excluded: 1, failed: 0 });
  assert.deepEqual(
    first.leftOut.map(({ title, why }) => [title, why]),
    [['Tagged', 'tagged ago_view']],
  );
  org.quietlyEdit(plan.record.id, { snippet: 'new' });
  org.editRows(layer.record.id, 0);
  org.deleteItem(old.record.id);
  add('New');
  const second = await rehearse();
  assert.deepEqual(second.changes.map(({ op, title, why }) => [op, title, why]).sort(), [
    ['added', 'New', 'not in the archive under this member'],
    ['changed', 'Parcels', 'changed since'],
    ['changed', 'Plan', 'its record, place or sharing changed, or a part is lacking'],
    ['removed', 'Old', 'gone from the portal'],
  ]);
  const { added, changed, unchanged, removed, excluded, failed } = await run();
  assert.deepEqual(sums(second), { added, changed, unchanged, removed, excluded, failed });
  const third = await rehearse();
  assert.deepEqual([third.outcome, third.changes], ['complete', []]);
});
