import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startLocalHost } from '../../../lib/cli/local-host.ts';
import { jsonContent } from '../../support/portal/content.ts';
import { newWorld } from '../../support/restore.ts';

test('an item is restored from its page, followed, and taken back, and by nobody but the page of an operator', async (t) => {
  const world = await newWorld(t);
  const { org, portal, env, store, clock } = world;
  org.addMember('ana');
  const title = '<b onload=x>Districts</b>';
  const id = org.addItem({ owner: 'ana', type: 'Web Map', title, json: { a: 1 } }).record.id;
  const other = org.addItem({ owner: 'ana', type: 'Web Map', title: 'Other', json: { b: 1 } }).record.id;
  const data = () => org.item(id).data?.bytes().toString();
  await world.backup();
  org.replaceData(id, jsonContent({ spoiled: true }));
  const { host } = await startLocalHost(env, () => undefined, { store, clock, isOpen: true });
  t.after(() => host.close());
  const get = async (path: string) => {
    const { status, body } = await host.request({ method: 'GET', path, headers: {} });
    assert.doesNotMatch(body, /<b onload|\[object|undefined/, path);
    return { status, body };
  };
  /** Presses a button of a page, with what its form holds. */
  const press = async (
    path: string,
    action: RegExp,
    headers: Record<string, string> = {},
    typed: readonly (readonly [string, string])[] = [],
  ) => {
    const { body } = await get(path);
    const form = [...body.matchAll(/<form[^>]*action="([^"]*)"[^>]*>([^]*?)<\/form>/g)].find(([, to]) =>
      action.test(to ?? ''),
    );
    assert.ok(form, `${path} has no form for ${action}:\n${body}`);
    const fields = [...(form[2] ?? '').matchAll(/type="hidden"\s+name="([^"]*)"\s+value="([^"]*)"/g)];
    const sent = new URLSearchParams(fields.map(([, name = '', value = '']): [string, string] => [name, value]));
    for (const [name, value] of typed) sent.append(name, value);
    return host.request({ method: 'POST', path: form[1] ?? '', body: sent.toString(), headers });
  };
  const addressOf = (answer: { status: number; headers: Record<string, string>; body: string }) => {
    assert.equal(answer.status, 303, answer.body);
    return answer.headers['location'] ?? '';
  };

  await t.test('without anything restored the list says what to do', async () => {
    assert.match((await get('/restores')).body, /Nothing has been restored yet/);
  });

  await t.test('no other site plans a restore, and no form without a token', async () => {
    assert.equal((await press(`/items/${id}`, /^\/restores$/, { 'sec-fetch-site': 'cross-site' })).status, 403);
    const bare = { method: 'POST', path: '/restores', body: `item=${id}`, headers: {} };
    assert.equal((await host.request(bare)).status, 403);
  });

  await t.test('the plan says what would be written, and nothing has been', async () => {
    const plan = addressOf(await press(`/items/${id}`, /^\/restores$/));
    const { body } = await get(plan);
    assert.match(body, /Nothing has been changed yet/);
    assert.match(body, /where it is[^]*overwrites/);
    assert.deepEqual(portal.writes(), []);
    const changed = { method: 'POST', path: `${plan}/start`, body: 'token=x', headers: {} };
    assert.equal((await host.request(changed)).status, 403);
    assert.deepEqual(portal.writes(), []);
    assert.equal(addressOf(await press(plan, /stop$/)), '/restores');
    assert.equal((await get(plan)).status, 404);
  });

  await t.test('what is ticked among the items is planned together, by everything that can be asked for', async () => {
    const form = `/restores/new?item=${id}&item=${other}`;
    const { body } = await get(form);
    assert.match(body, /Restore 2 items[^]*&lt;b onload=x&gt;Districts[^]*Other/);
    const asking = (...typed: [string, string][]) => press(form, /^\/restores$/, {}, typed);
    const plan = addressOf(await asking(['mode', 'beside'], ['only', 'data'], ['only', 'record'], ['at', 'latest']));
    const planned = (await get(plan)).body;
    assert.equal([...planned.matchAll(/as a copy beside it/g)].length, 2);
    assert.doesNotMatch(planned, /sharing/);
    for (const typed of [
      ['mode', 'upside-down'],
      ['rows', 'some'],
      ['fields', 'STATUS'],
      ['only', 'everything'],
      ['at', 'yesterday'],
      ['item', 'nothing'],
      ['owner', 'x'.repeat(2000)],
    ] as const) {
      const { status, body } = await asking([...typed]);
      assert.ok(status === 400 || status === 404, `${typed[0]}: ${status}`);
      assert.match(body, /class="cure"/);
    }
    assert.equal((await asking(['fields', 'x,'.repeat(20_000)])).status, 413);
    assert.equal((await get('/restores/new')).status, 400);
    assert.deepEqual(portal.writes(), []);
  });

  await t.test('a plan that no longer fits is not started, and the new one is shown', async () => {
    const plan = addressOf(await press(`/items/${id}`, /^\/restores$/));
    org.replaceData(id, jsonContent({ edited: true }));
    const other = addressOf(await press(plan, /start$/));
    assert.notEqual(other.split('?')[0], plan);
    assert.match((await get(other)).body, /Somebody changed something/);
    assert.equal(data(), '{"edited":true}');
  });

  await t.test('it is started, followed, ends with what was compared, and is taken back', async () => {
    const plan = addressOf(await press(`/items/${id}`, /^\/restores$/));
    assert.equal(addressOf(await press(plan, /start$/)), plan);
    assert.match((await get(plan)).body, new RegExp(`data-progress="${plan}/progress"`));
    const progress = async () => JSON.parse((await get(`${plan}/progress`)).body) as { ended: boolean; phase?: string };
    assert.equal((await progress()).ended, false);
    await host.completed('ago-backup-restore');
    assert.deepEqual(await progress(), { ended: true });
    const { body } = await get(plan);
    assert.match(body, /Complete[^]*restored/);
    assert.match(body, /What was there before is in the archive/);
    assert.equal(data(), '{"a":1}');
    assert.match((await get('/restores')).body, new RegExp(`href="${plan}"[^]*Complete`));
    clock.advance(1000);
    const undo = addressOf(await press(plan, /undo$/));
    assert.match((await get(undo)).body, /It takes back/);
    await press(undo, /start$/);
    await host.completed('ago-backup-restore');
    assert.equal(data(), '{"edited":true}');
    assert.match((await get('/restores')).body, /taken back|takes back/);
    // What was saved before the restore is not the backup of the night.
    assert.match((await get('/')).body, /2 items looked at/);
    const runs = (await get('/runs')).body;
    assert.match(runs, /Some items only: 1 changed/);
    assert.match(runs, /Undo of a restore: 1 item[^]*Restore: 1 item[^]*href="\/runs\//);
    assert.match((await get('/runs?show=restores')).body, /Restore: 1 item/);
    assert.doesNotMatch((await get('/runs?show=restores')).body, /href="\/runs\/[0-9a-f]/);
    assert.doesNotMatch((await get('/runs?show=trouble')).body, /Restore: 1 item/);
  });

  await t.test('what cannot be restored is said with its cure', async () => {
    portal.faults.add({ match: /portals\/self/, times: 20, answer: { status: 500 } });
    const answer = await press(`/items/${id}`, /^\/restores$/);
    assert.ok(answer.status >= 400 && answer.status < 600, answer.body);
    assert.match(answer.body, /class="cure"/);
    assert.equal((await get('/restores/none')).status, 404);
  });
});

test('a reader sees restores and plans, and is given no button that changes something', async (t) => {
  const world = await newWorld(t);
  const { org, env, store, clock } = world;
  const id = org.addItem({ owner: 'backup', type: 'Web Map', title: 'M', json: { a: 1 } }).record.id;
  await world.backup();
  const { BACKUP_STORE = '' } = env;
  const { host } = await startLocalHost({ BACKUP_STORE }, () => undefined, {
    store,
    clock,
    isOpen: true,
    onlyLooks: true,
  });
  t.after(() => host.close());
  const { body } = await host.request({ method: 'GET', path: `/items/${id}`, headers: {} });
  assert.doesNotMatch(body, /action="\/restores"/);
  assert.match(body, /ago-backup restore [0-9a-f]{32} --at [0-9a-f]{12} --dry-run/);
  const token = /name="token" value="([^"]*)"/.exec(body)?.[1] ?? '';
  const { body: list } = await host.request({ method: 'GET', path: '/items', headers: {} });
  assert.match(list, /Download as a zip/);
  assert.doesNotMatch(list, /restores\/new/);
  assert.equal((await host.request({ method: 'GET', path: `/restores/new?item=${id}`, headers: {} })).status, 403);
  for (const path of ['/restores', `/restores/x/start`, `/warnings/${'0'.repeat(16)}/acknowledge`])
    assert.equal(
      (await host.request({ method: 'POST', path, body: `token=${token}&item=${id}`, headers: {} })).status,
      403,
    );
});
