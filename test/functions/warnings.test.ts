import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pingText } from '../../lib/backup/report.ts';
import { summary } from '../../lib/cli/run.ts';
import { git } from '../git/stock-git.ts';
import { newBackup } from '../support/backup.ts';
import { Organization } from '../support/portal/organization.ts';

test('what may be a loss stands in the record, the commit, the ping, the summary, the log lines and the API', async (t) => {
  const org = new Organization();
  const layer = org.addService({ owner: 'backup', title: 'Parcels', layers: ['Lots', 'Streets'], rows: 40 });
  const map = org.addItem({
    owner: 'backup',
    type: 'Web Map',
    title: 'Plan',
    json: { a: 'x'.repeat(1000) },
    access: 'org',
  });
  for (let n = 0; n < 12; n++) org.addItem({ owner: 'backup', type: 'Web Map', title: `Old ${n}`, json: { n } });
  const { run, store, events, open } = await newBackup(t, { org, settings: { BACKUP_PRUNE_LIMIT: '1' } });
  const first = await run();
  assert.equal(first.losses, undefined);
  layer.service?.layers[0]?.rows.splice(0, 30);
  org.editRows(layer.record.id, 0);
  org.quietlyEdit(map.record.id, { access: 'public' });
  for (const { record } of [...org.items.values()]) if (record.title?.startsWith('Old')) org.deleteItem(record.id);
  const record = await run();
  assert.equal(record.outcome, 'complete');
  const told = (record.losses ?? []).map(({ code, before, after }) => [code, before, after]).sort();
  assert.deepEqual(told, [
    ['MADE_PUBLIC', 'org', 'public'],
    ['MANY_REMOVED', 14, 2],
    ['ROWS_LOST', 40, 10],
  ]);
  const show = `ago-backup diff ${layer.record.id} ${first.commit?.slice(0, 12)}`;
  for (const text of [pingText(record), summary(record).join('\n')]) {
    assert.ok(
      text.includes(`ROWS_LOST: Parcels (${layer.record.id}, backup): The layer "Lots" had 40 rows and has 10.`),
    );
    assert.ok(text.includes(show));
  }
  assert.match(await git(store, 'log', '-1', '--format=%B'), /^\? MADE_PUBLIC: Plan /m);
  const warned = events.filter(({ event }) => event === 'item.warning').map(({ code }) => code);
  assert.deepEqual(warned.sort(), ['MADE_PUBLIC', 'MANY_REMOVED', 'ROWS_LOST']);
  const { host } = await open();
  const answer = await host.request({ method: 'GET', path: '/api/warnings', headers: {} });
  const { warnings } = JSON.parse(answer.body) as { warnings: { code: string; commit: string }[] };
  assert.deepEqual(warnings.map(({ code }) => code).sort(), ['MADE_PUBLIC', 'MANY_REMOVED', 'ROWS_LOST']);
  assert.ok(warnings.every(({ commit }) => commit === record.commit));
  const again = await run();
  assert.equal(again.losses, undefined);
});

test('an item that is given away warns of nothing, and one that is saved again as it was neither', async (t) => {
  const org = new Organization();
  org.addMember('ana');
  const layer = org.addService({ owner: 'backup', title: 'Parcels', layers: ['Lots'], rows: 40 });
  const { run } = await newBackup(t, { org });
  await run();
  org.changeOwner(layer.record.id, 'ana');
  assert.equal((await run()).losses, undefined);
  assert.equal((await run({ force: true })).losses, undefined);
});
