import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { RestoreStatus } from '../../lib/api/restore-status.ts';
import { startLocalHost } from '../../lib/cli/local-host.ts';
import { aroundInvocations } from '../support/invocations.ts';
import { newWorld, type World } from '../support/restore.ts';
import { jsonContent } from '../support/portal/content.ts';
import { addRoads, fillRoads } from '../support/services.ts';

type Status = RestoreStatus & Record<string, unknown>;

/** The functions in a host of their own, and how a program asks them. */
async function served(t: TestContext, { env, store, clock }: World) {
  const { host } = await startLocalHost(env, () => undefined, { store, clock });
  t.after(() => host.close());
  const ask = async (method: string, path: string, body?: object) => {
    const answer = await host.request({ method, path, headers: {}, ...(body && { body: JSON.stringify(body) }) });
    return { ...answer, json: (answer.body === '' ? {} : JSON.parse(answer.body)) as Status };
  };
  const done = () => host.completed('ago-backup-restore');
  return { host, ask, done };
}

/** A map of ana's that was backed up, and spoiled; and others that were not. */
async function spoiled(t: TestContext, others: readonly string[] = []) {
  const world = await newWorld(t);
  const { org } = world;
  org.addMember('ana');
  const id = org.addItem({ owner: 'ana', type: 'Web Map', title: 'Districts', json: { a: 1 } }).record.id;
  for (const title of others) org.addItem({ owner: 'ana', type: 'Web Map', title, json: { title } });
  await world.backup();
  org.replaceData(id, jsonContent({ spoiled: true }));
  const data = () => org.item(id).data?.bytes().toString();
  return { world, org, id, data, ...(await served(t, world)) };
}

test('a restore is planned, started, followed, listed and taken back over HTTP', async (t) => {
  const { world, id, data, ask, done } = await spoiled(t);
  const planned = await ask('POST', '/api/restores', { items: ['Districts'] });
  assert.equal(planned.status, 201, planned.body);
  const { restoreId } = planned.json;
  const location = `/api/restores/${restoreId}`;
  assert.equal(planned.headers['location'], location);
  assert.deepEqual([planned.json.state, world.portal.writes()], ['planned', []]);
  assert.deepEqual((await ask('GET', location)).json, planned.json);
  assert.deepEqual((await ask('GET', '/api/restores')).json, { restores: [] });

  const started = await ask('POST', `${location}/start`);
  assert.deepEqual([started.status, started.json.state], [202, 'running'], started.body);
  assert.equal((await ask('POST', '/api/backups')).status, 409);
  await done();
  const end = (await ask('GET', location)).json;
  assert.deepEqual([end.state, data()], ['complete', '{"a":1}'], JSON.stringify(end));
  assert.equal((await ask('POST', `${location}/start`)).json.state, 'complete');

  world.clock.advance(1000);
  const undo = await ask('POST', `${location}/undo`);
  assert.deepEqual([undo.status, undo.json.undoes], [201, restoreId], undo.body);
  assert.equal((await ask('POST', `${undo.headers['location'] ?? ''}/start`)).status, 202);
  await done();
  assert.equal(data(), '{"spoiled":true}');
  const { restores } = (await ask('GET', '/api/restores')).json as unknown as { restores: Record<string, unknown>[] };
  assert.deepEqual(
    restores.map(({ account, items, outcome, undoes }) => ({ account, items, outcome, undoes })),
    [restoreId, null].map((undoes) => ({ account: 'keeper', items: 1, outcome: 'complete', undoes })),
  );
  assert.equal((await ask('DELETE', location)).status, 404);
  assert.ok(id);
});

test('a plan that no longer fits is not started: the answer is the new one, and that one starts', async (t) => {
  const { org, id, data, ask, done } = await spoiled(t);
  const planned = await ask('POST', '/api/restores', { items: [id] });
  org.replaceData(id, jsonContent({ edited: true }));
  const stale = await ask('POST', `/api/restores/${planned.json.restoreId}/start`);
  assert.deepEqual([stale.status, stale.json['code']], [409, 'RESTORE_STALE'], stale.body);
  assert.equal(data(), '{"edited":true}');
  const { restoreId } = stale.json['restore'] as Status;
  assert.equal(stale.headers['location'], `/api/restores/${restoreId}`);
  assert.equal((await ask('POST', `/api/restores/${restoreId}/start`)).status, 202);
  await done();
  assert.equal(data(), '{"a":1}');
});

test('a copy of a layer, whose service gets a name that nothing else has, starts as it was planned', async (t) => {
  const world = await newWorld(t);
  const { org } = world;
  const roads = await addRoads(world);
  await fillRoads(world);
  await world.backup();
  const { ask, done } = await served(t, world);
  const planned = await ask('POST', '/api/restores', { items: [roads], mode: 'beside' });
  const location = planned.headers['location'] ?? '';
  assert.equal(planned.status, 201, planned.body);
  const started = await ask('POST', `${location}/start`);
  assert.deepEqual([started.status, started.json.state], [202, 'running'], started.body);
  await done();
  const end = (await ask('GET', location)).json;
  assert.deepEqual([end.state, org.items.size], ['complete', 2], JSON.stringify(end));
});

test('a restore stops after the step under way, and goes on when it is started again', async (t) => {
  const { world, org, ask, done } = await spoiled(t, ['B', 'C']);
  const { portal } = world;
  const planned = await ask('POST', '/api/restores', { items: ['Districts', 'B', 'C'], mode: 'beside' });
  const { restoreId } = planned.json;
  const location = `/api/restores/${restoreId}`;
  const isMaking = ({ path }: { path: string }) => path.endsWith('/addItem');
  assert.equal(planned.status, 201, planned.body);
  const stopping = Promise.withResolvers<number>();
  portal.faults.add({
    match: (seen) => {
      if (!isMaking(seen)) return false;
      void ask('DELETE', location).then(({ status }) => stopping.resolve(status));
      return true;
    },
    answer: { delay: 10_000 },
  });
  assert.equal((await ask('POST', `${location}/start`)).status, 202);
  await done();
  assert.equal(await stopping.promise, 202);
  const { state, error } = (await ask('GET', location)).json;
  assert.deepEqual([state, (error as { code: string }).code], ['stopped', 'RESTORE_STOPPED']);
  assert.equal(portal.log.count(isMaking), 1);
  assert.equal((await ask('POST', `${location}/start`)).status, 202);
  await done();
  assert.equal((await ask('GET', location)).json.state, 'complete');
  assert.equal(org.items.size, 6);
});

test('what is to be done about a sign-in that fails in the middle is told over HTTP, and not only its code', async (t) => {
  const { world, ask, done } = await spoiled(t);
  const { org, portal } = world;
  const planned = await ask('POST', '/api/restores', { items: ['Districts'] });
  const location = planned.headers['location'] ?? '';
  portal.faults.add({
    match: ({ kind, who }) => {
      if (kind !== 'write' || who !== 'keeper') return false;
      Object.assign(org.accounts.get('keeper') ?? {}, { password: 'another' });
      portal.tokens.expireAll();
      return true;
    },
    answer: 'expiredToken',
  });
  assert.equal((await ask('POST', `${location}/start`)).status, 202);
  await done();
  const { state, error } = (await ask('GET', location)).json as {
    state: string;
    error?: { code: string; hint: string };
  };
  assert.deepEqual([state, error?.code], ['stopped', 'RESTORE_ACCOUNT']);
  assert.match(error?.hint ?? '', /Check RESTORE_USERNAME, capital letters included, and RESTORE_PASSWORD\./);
});

test('what is asked wrongly is refused with a code, and nothing is kept', async (t) => {
  const { world, ask } = await spoiled(t);
  const unknown = '/api/restores/0190f3f1-0000-7000-8000-000000000000';
  for (const [method, path, body, status, code] of [
    ['POST', '/api/restores', {}, 400, 'USAGE'],
    ['POST', '/api/restores', { items: 'Districts' }, 400, 'USAGE'],
    ['POST', '/api/restores', { items: ['Nothing'] }, 404, 'ITEM_UNKNOWN'],
    ['POST', '/api/restores', { items: ['Districts'], at: '2001-01-01' }, 404, 'VERSION_UNKNOWN'],
    ['GET', unknown, undefined, 404, 'RESTORE_UNKNOWN'],
    ['GET', '/api/restores/..%2f..%2frefs', undefined, 404, 'RESTORE_UNKNOWN'],
    ['POST', `${unknown}/start`, undefined, 404, 'RESTORE_UNKNOWN'],
    ['POST', `${unknown}/undo`, undefined, 404, 'RESTORE_UNKNOWN'],
    ['DELETE', unknown, undefined, 404, 'RESTORE_UNKNOWN'],
  ] as const) {
    const answer = await ask(method, path, body);
    assert.deepEqual([answer.status, answer.json['code']], [status, code], `${method} ${path}: ${answer.body}`);
  }
  assert.deepEqual(await Array.fromAsync(world.store.list('ago-backup/plans/')), []);
});

/** Restores three items as copies beside them; the writes that make an item. */
async function copyAll({ ask, done, world }: Awaited<ReturnType<typeof spoiled>>) {
  const planned = await ask('POST', '/api/restores', { items: ['Districts', 'B', 'C'], mode: 'beside' });
  const location = planned.headers['location'] ?? '';
  assert.equal((await ask('POST', `${location}/start`)).status, 202);
  await done();
  const { state } = (await ask('GET', location)).json;
  return { state, copies: [...world.org.items.values()].length - 3 };
}

test('a restore that takes long is done in several activities, none of which takes five minutes', async (t) => {
  const restore = await spoiled(t, ['B', 'C']);
  const { clock, portal } = restore.world;
  portal.faults.add({
    match: ({ method, path }) => method === 'POST' && /\/content\/users\//.test(path),
    times: Infinity,
    answer: { delay: 100_000 },
  });
  const took: number[] = [];
  const remove = await aroundInvocations(async ({ name }, execute) => {
    const begun = clock.now();
    const answer = await execute();
    if (name === 'restoreItems') took.push(clock.now() - begun);
    return answer;
  });
  t.after(remove);
  assert.deepEqual(await copyAll(restore), { state: 'complete', copies: 3 });
  assert.ok(took.length >= 3 && took.every((ms) => ms < 5 * 60_000 + 100_000), took.join());
});

test('an activity that Durable delivers twice at the same time makes no second copy', async (t) => {
  const restore = await spoiled(t, ['B', 'C']);
  const remove = await aroundInvocations(async ({ name }, execute) => {
    if (name !== 'restoreItems') return execute();
    const [, second] = await Promise.all([execute(), execute()]);
    return second;
  });
  t.after(remove);
  assert.deepEqual(await copyAll(restore), { state: 'complete', copies: 3 });
});
