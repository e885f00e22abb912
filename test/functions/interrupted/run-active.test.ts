import assert from 'node:assert/strict';
import { after, before, test, type TestContext } from 'node:test';
import { replaceApp } from '../../../lib/app.ts';
import type { Host } from '../../../lib/archive/runs/run-holder.ts';
import type { BlobStore } from '../../../lib/storage/blob-store.ts';
import { startHealthchecks } from '../../support/healthchecks.ts';
import { aroundInvocations } from '../../support/invocations.ts';
import { Nights, type Opened } from '../../support/nights.ts';
import { watched } from '../../support/stores/counting.ts';

let nights: Nights;
let hc: Awaited<ReturnType<typeof startHealthchecks>>;
before(async () => {
  nights = await Nights.open();
  hc = await startHealthchecks();
});
after(async () => {
  await nights.portal.close();
  await hc.close();
});

const holder = 'ago-backup/running.json';
const post = { method: 'POST', path: '/api/backups', headers: {}, body: '{}' };
const gone = new Set<string>();
const hostOf = (name: string): Host => ({ id: name, name, isGone: (id) => Promise.resolve(gone.has(id)) });

/** An app of Azure and a laptop on one store. Their activities are done by the app whose run they belong to. */
async function twoHosts(t: TestContext, store: BlobStore) {
  const env = { HEALTHCHECKS_PING_URL: hc.url };
  const owners = new Map<string, Opened>();
  const gates = new Map<string, { reached: PromiseWithResolvers<void>; opened: PromiseWithResolvers<void> }>();
  const open = async (name: string) => {
    const opened = await nights.open(store, { host: hostOf(name), env });
    t.after(() => opened.host.close());
    return opened;
  };
  const [app, laptop] = [await open('the app'), await open('LAPTOP')];
  const remove = await aroundInvocations(async ({ name, kind, input }, execute) => {
    if (kind !== 'activity') return execute();
    const { runId } = input as { runId: string };
    const gate = gates.get(name);
    gate?.reached.resolve();
    await gate?.opened.promise;
    replaceApp(owners.get(runId)?.app ?? assert.fail(`nobody started ${runId}`));
    return execute();
  });
  t.after(remove);
  const ask = async ({ app, host }: Opened, { method = 'POST', path = post.path } = {}) => {
    nights.clock.advance(1000);
    replaceApp(app);
    const answer = await host.request({ ...post, method, path });
    return { ...answer, json: JSON.parse(answer.body) as Record<string, unknown> };
  };
  const start = async (opened: Opened) => {
    const { json } = await ask(opened);
    const runId = String(json['runId']);
    owners.set(runId, opened);
    return runId;
  };
  const stopAt = (name: string) => {
    const gate = { reached: Promise.withResolvers<void>(), opened: Promise.withResolvers<void>() };
    gates.set(name, gate);
    t.after(() => gate.opened.resolve());
    return gate;
  };
  return { app, laptop, ask, start, stopAt };
}

test('while another host has a run under way, a second one is refused with who runs since when, and the first ends well', async (t) => {
  const store = nights.base.snapshot();
  const { app, laptop, ask, start, stopAt } = await twoHosts(t, store);
  const gate = stopAt('saveItems');
  const runId = await start(laptop);
  await gate.reached.promise;
  const refused = await ask(app);
  assert.deepEqual([refused.status, refused.json['code']], [409, 'RUN_ACTIVE']);
  assert.match(String(refused.json['title']), new RegExp(`${runId} has been under way since 20.* UTC on LAPTOP`));
  assert.match(String(refused.json['hint']), /3 hours/);
  assert.equal(refused.headers['location'], `/api/backups/${runId}`);
  const told = await ask(app, { method: 'GET', path: `/api/backups/${runId}` });
  assert.deepEqual([told.status, told.json['status'], told.json['where']], [200, 'running', 'LAPTOP']);
  await app.host.runTimer('startBackup');
  gate.opened.resolve();
  nights.assertComplete(await nights.end(laptop, runId));
  await nights.assertUndisturbed(t, store);
  const next = await nights.end(app, await start(app));
  assert.deepEqual([next.record?.outcome, next.record?.commit], ['complete', null]);
  await nights.assertUndisturbed(t, store);
});

test('of two hosts that start at the same moment one makes the backup, and the other says RUN_ACTIVE', async (t) => {
  const store = nights.base.snapshot();
  const both = Promise.withResolvers<void>();
  let arrived = 0;
  const met = watched(store, async ({ verb, name }, run) => {
    if (verb === 'put' && name === holder && arrived < 2) {
      arrived += 1;
      if (arrived === 2) both.resolve();
      await both.promise;
    }
    return run();
  });
  const { app, laptop, start } = await twoHosts(t, met);
  const gate = new Promise((resolve) => setImmediate(resolve));
  const ids = [await start(app), await start(laptop)] as const;
  await gate;
  const ends = await Promise.all([nights.end(app, ids[0]), nights.end(laptop, ids[1])]);
  const codes = ends.map(({ record }) => record?.error?.code ?? record?.outcome);
  assert.deepEqual(codes.sort(), ['RUN_ACTIVE', 'complete']);
  await nights.assertUndisturbed(t, store);
});

for (const isSeen of [true, false]) {
  test(`a run whose host has died is reported, and blocks ${isSeen ? 'nobody who can see it' : 'until nothing was heard of it for three hours'}`, async (t) => {
    const store = nights.base.snapshot();
    const { app, laptop, ask, start, stopAt } = await twoHosts(t, store);
    const gate = stopAt('saveItems');
    const runId = await start(laptop);
    await gate.reached.promise;
    const closing = laptop.host.close();
    gate.opened.resolve();
    await closing;
    hc.heard.length = 0;
    if (isSeen) gone.add('LAPTOP');
    else {
      nights.clock.advance(2 * 3_600_000);
      assert.equal((await ask(app)).status, 409);
      nights.clock.advance(3_600_000);
    }
    nights.assertComplete(await nights.end(app, await start(app)));
    gone.clear();
    await nights.assertUndisturbed(t, store);
    const dead = hc.heard.filter((ping) => ping.runId === runId);
    assert.deepEqual(
      dead.map(({ signal }) => signal),
      ['fail'],
      'the dead run was not reported',
    );
    assert.match(dead[0]?.body ?? '', /RUN_DEAD/);
  });
}

test('a run that is heard of is not taken for dead, however long it takes', async (t) => {
  const store = nights.base.snapshot();
  const { app, laptop, ask, start, stopAt } = await twoHosts(t, store);
  const gate = stopAt('finishBackup');
  const first = stopAt('planRun');
  const runId = await start(laptop);
  await first.reached.promise;
  nights.clock.advance(2 * 3_600_000);
  first.opened.resolve();
  await gate.reached.promise;
  nights.clock.advance(2 * 3_600_000);
  assert.equal((await ask(app)).status, 409);
  gate.opened.resolve();
  nights.assertComplete(await nights.end(laptop, runId));
  await nights.assertUndisturbed(t, store);
});

test('DELETE ends a run of another host as well: it publishes nothing, and the next one may begin', async (t) => {
  const store = nights.base.snapshot();
  const { app, laptop, ask, start, stopAt } = await twoHosts(t, store);
  const old = (await nights.head(store)).commit;
  const gate = stopAt('finishBackup');
  const runId = await start(laptop);
  await gate.reached.promise;
  const ended = await ask(app, { method: 'DELETE', path: `/api/backups/${runId}` });
  assert.deepEqual([ended.status, ended.json['status']], [200, 'cancelled']);
  gate.opened.resolve();
  assert.equal((await nights.end(laptop, runId)).record?.outcome, 'cancelled');
  assert.equal((await nights.head(store)).commit, old);
  nights.assertComplete(await nights.end(app, await start(app)));
  await nights.assertUndisturbed(t, store);
});

test('a note of who runs that is damaged keeps nobody from a backup', async () => {
  for (const text of [
    '',
    '{',
    'null',
    '[]',
    '{"runId":7}',
    '{"runId":"x","host":"y","where":"z","started":1,"heard":1e300}',
  ]) {
    const store = nights.uncut.snapshot();
    await store.put(holder, Buffer.from(text));
    const { record } = await nights.night(store, undefined, { host: hostOf('the app') });
    assert.equal(record?.outcome, 'complete', text);
  }
});
