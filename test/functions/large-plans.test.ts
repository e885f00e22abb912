import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { RestoreStatus } from '../../lib/api/restore-status.ts';
import { startLocalHost } from '../../lib/cli/local-host.ts';
import type { LocalHost } from '../../lib/host/host.ts';
import type { RestoreResult } from '../../lib/restore/words.ts';
import { aroundInvocations } from '../support/invocations.ts';
import { jsonContent } from '../support/portal/content.ts';
import { newWorld, type World } from '../support/restore.ts';

/** Plans of more items than one request may look at. */

const many = 4;
/** of which one fewer is planned while somebody waits */
const planAtOnce = many - 1;
type Status = RestoreStatus & Partial<RestoreResult> & Record<string, unknown>;

let world: World;
let host: LocalHost;
let id = '';
let at = '';
const ends: (() => Promise<void>)[] = [];
before(async () => {
  world = await newWorld({ after: (end) => void ends.push(end) });
  const { org, env, store, clock } = world;
  org.addMember('ana');
  for (let n = 0; n < many; n++)
    id = org.addItem({ owner: 'ana', type: 'Web Map', title: `Map ${n}`, json: { n } }).record.id;
  await world.backup();
  at = (await world.restores().plan({ items: [id] })).plan.items[0]?.commit ?? '';
  ({ host } = await startLocalHost(env, () => undefined, { store, clock, planAtOnce }));
});
after(async () => {
  await host.close();
  for (const end of ends) await end();
});

async function ask(method: string, path: string, body?: object) {
  const answer = await host.request({ method, path, headers: {}, ...(body && { body: JSON.stringify(body) }) });
  return { ...answer, json: JSON.parse(answer.body) as Status };
}

/** Plans all; the address of the plan, once it is made or not. */
async function planned(): Promise<string> {
  const { status, headers, json } = await ask('POST', '/api/restores', { all: true, at });
  assert.deepEqual([status, json.state, headers['retry-after']], [202, 'planning', '5']);
  const location = headers['location'] ?? '';
  assert.equal(location, `/api/restores/${json.restoreId}`);
  await host.completed(`${json.restoreId}-plan`);
  return location;
}

const spoil = (text: string) => world.org.replaceData(id, jsonContent({ [text]: true }));
const data = () => world.org.item(id).data?.bytes().toString();

test('a whole organization is planned over HTTP by an orchestration that tells how far it is, and its restore looks once more before it starts', async () => {
  spoil('spoiled');
  const told: Promise<Status>[] = [];
  const remove = await aroundInvocations(({ name, input }, execute) => {
    const { runId } = input as { runId: string };
    if (name === 'planItems' || name === 'beginRestore')
      world.portal.faults.add({
        match: ({ path }) => {
          const isLast = path.includes(`/content/items/${id}`);
          if (isLast) told.push(ask('GET', `/api/restores/${runId}`).then(({ json }) => json));
          return isLast;
        },
        answer: { delay: 60_000 },
      });
    return execute();
  });
  const location = await planned();
  const plan = (await ask('GET', location)).json as Extract<Status, { state: 'planned' }>;
  assert.deepEqual([plan.state, plan.plan.items.length], ['planned', many]);
  assert.deepEqual(
    plan.plan.items.filter(({ steps }) => steps.length > 0).map(({ itemId }) => itemId),
    [id],
  );
  const started = await ask('POST', `${location}/start`);
  assert.deepEqual([started.status, started.json.state], [202, 'planning'], started.body);
  await host.completed('ago-backup-restore');
  remove();
  const end = (await ask('GET', location)).json;
  assert.deepEqual([end.state, end.items?.length, data()], ['complete', many, `{"n":${many - 1}}`]);
  const looks = (await Promise.all(told)) as Extract<Status, { state: 'planning' }>[];
  assert.deepEqual(
    looks.map(({ state, total }) => [state, total]),
    [
      ['planning', many],
      ['planning', many],
    ],
  );
  assert.ok(looks.every(({ done }) => done > 0));
  world.clock.advance(1000);
  const undo = await ask('POST', `${location}/undo`);
  assert.deepEqual([undo.status, undo.json.state, undo.json.undoes], [202, 'planning', plan.restoreId], undo.body);
  await host.completed(`${undo.json.restoreId}-plan`);
  assert.equal((await ask('POST', `/api/restores/${undo.json.restoreId}/start`)).status, 202);
  await host.completed('ago-backup-restore');
  assert.deepEqual([(await ask('GET', location)).json.state, data()], ['complete', '{"spoiled":true}']);
});

test('a large plan that no longer fits when it starts begins nothing, and names the plan that takes its place', async () => {
  spoil('spoiled');
  const location = await planned();
  spoil('edited');
  assert.equal((await ask('POST', `${location}/start`)).status, 202);
  await host.completed('ago-backup-restore');
  const old = (await ask('GET', location)).json as Extract<Status, { state: 'planned' }>;
  assert.deepEqual([old.state, data()], ['planned', '{"edited":true}']);
  const stale = await ask('POST', `${location}/start`);
  const newer = `/api/restores/${old.newer ?? ''}`;
  assert.deepEqual([stale.status, stale.json['code'], stale.headers['location']], [409, 'RESTORE_STALE', newer]);
  assert.equal((await ask('POST', `${newer}/start`)).status, 202);
  await host.completed('ago-backup-restore');
  assert.deepEqual([(await ask('GET', newer)).json.state, data()], ['complete', `{"n":${many - 1}}`]);
});

test('what keeps a large plan from being made, or from being started, is told with its cure; and it can be forgotten', async () => {
  spoil('spoiled');
  const good = await planned();
  const keeper = world.org.accounts.get('keeper') ?? assert.fail();
  keeper.password = 'another';
  world.portal.tokens.expireAll();
  const location = await planned();
  const { state, error } = (await ask('GET', location)).json as Extract<Status, { state: 'unplanned' }>;
  assert.deepEqual([state, error.code], ['unplanned', 'RESTORE_ACCOUNT']);
  assert.match(error.hint, /RESTORE_PASSWORD/);
  assert.equal((await ask('POST', `${good}/start`)).status, 202);
  await host.completed('ago-backup-restore');
  const unstarted = (await ask('GET', good)).json as Extract<Status, { state: 'planned' }>;
  assert.deepEqual([unstarted.state, unstarted.error?.code], ['planned', 'RESTORE_ACCOUNT']);
  keeper.password = 'keeper-password';
  world.clock.advance(1000);
  assert.deepEqual((await ask('DELETE', location)).status, 200);
  assert.equal((await ask('GET', location)).status, 404);
  assert.equal((await ask('POST', `${good}/start`)).status, 202);
  await host.completed('ago-backup-restore');
  assert.deepEqual([(await ask('GET', good)).json.state, data()], ['complete', `{"n":${many - 1}}`]);
});
