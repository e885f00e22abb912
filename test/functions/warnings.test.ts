import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { ToldWarning } from '../../lib/api/warnings.ts';
import { readAcknowledged } from '../../lib/archive/runs/acknowledged.ts';
import { pingText } from '../../lib/backup/report.ts';
import type { startLocalHost } from '../../lib/cli/local-host.ts';
import { summary } from '../../lib/cli/run.ts';
import { systemClock } from '../../lib/clock.ts';
import { copyBeside, listBeside } from '../../lib/copy/beside.ts';
import { DirectoryStore } from '../../lib/storage/directory/directory.ts';
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
  await acknowledged(t, host, store);
  const again = await run();
  assert.equal(again.losses, undefined);
});

/** Somebody takes note of the lost rows, over HTTP and on the page, and takes it back. */
async function acknowledged(t: TestContext, host: Awaited<ReturnType<typeof startLocalHost>>['host'], store: string) {
  const send = (method: string, path: string, body?: string, headers: Record<string, string> = {}) =>
    host.request({ method, path, headers, ...(body !== undefined && { body }) });
  const told = async () =>
    (JSON.parse((await send('GET', '/api/warnings')).body) as { warnings: ToldWarning[] }).warnings;
  const lost = (await told()).find(({ code }) => code === 'ROWS_LOST');
  assert.equal(lost?.acknowledged, null);
  const own = `/api/warnings/${lost.id}/acknowledged`;
  const since = async () => (await told()).find(({ id }) => id === lost.id)?.acknowledged ?? null;
  const page = async () => (await send('GET', '/warnings')).body;
  const [token = ''] = [...(await page()).matchAll(/name="token" value="([^"]*)"/g)].map((found) => found[1]);

  await t.test('a warning is acknowledged over HTTP, once, and that is taken back', async () => {
    const first = await send('PUT', own);
    assert.equal(first.status, 200);
    assert.deepEqual([(await send('PUT', own)).body, (await told()).length], [first.body, 3]);
    assert.equal(await since(), (JSON.parse(first.body) as ToldWarning).acknowledged);
    assert.match(await page(), /<details>[^]*Acknowledged[^]*ROWS_LOST/);
    const overview = (await send('GET', '/')).body;
    assert.ok(overview.includes('MADE_PUBLIC') && !overview.includes('ROWS_LOST'));
    // A copy of the archive knows it, and no longer once it was taken back.
    const copy = new DirectoryStore(`${store}.copy`, { clock: systemClock });
    const from = new DirectoryStore(store, { clock: systemClock });
    const over = async () => {
      await copyBeside(from, copy, await listBeside(from));
      return (await readAcknowledged(copy)).size;
    };
    assert.equal(await over(), 1);
    assert.equal((await send('DELETE', own)).status, 200);
    assert.deepEqual([await since(), await over()], [null, 0]);
  });

  await t.test('a warning is acknowledged on the page by an operator, and by no other site', async () => {
    const path = `/warnings/${lost.id}/acknowledge`;
    for (const [body, headers] of [
      ['', {}],
      [`token=${'0'.repeat(40)}`, {}],
      [`token=${token}`, { 'sec-fetch-site': 'cross-site' }],
    ] as const)
      assert.equal((await send('POST', path, body, headers)).status, 403);
    assert.equal((await send('GET', path)).status, 404);
    assert.equal(await since(), null);
    assert.equal((await send('POST', path, `token=${token}`)).headers['location'], '/warnings');
    assert.notEqual(await since(), null);
    assert.match(await page(), /acknowledged\s*<time[^]*Take that back/);
    assert.equal((await send('POST', path.replace('acknowledge', 'revoke'), `token=${token}`)).status, 303);
    assert.equal(await since(), null);
  });

  await t.test('what is no warning is refused with a cure, and nothing is written', async () => {
    for (const id of ['0'.repeat(16), '..%2F..%2Fhead', 'x'.repeat(5000), '%00', encodeURIComponent('<script>')]) {
      const { status, body } = await send('PUT', `/api/warnings/${id}/acknowledged`);
      assert.deepEqual([status, (JSON.parse(body) as { code: string }).code], [404, 'WARNING_UNKNOWN'], id);
      const answer = await send('POST', `/warnings/${id}/acknowledge`, `token=${token}`);
      assert.equal(answer.status, 404);
      assert.match(answer.body, /class="cure"/);
      assert.doesNotMatch(answer.body, /There is no warning <script>/);
    }
    assert.equal((await readAcknowledged(new DirectoryStore(store, { clock: systemClock }))).size, 0);
  });
}

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
