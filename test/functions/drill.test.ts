import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { startLocalHost } from '../../lib/cli/local-host.ts';
import { readDrills } from '../../lib/restore/drill/record.ts';
import { startHealthchecks } from '../support/healthchecks.ts';
import { aroundInvocations } from '../support/invocations.ts';
import { Organization } from '../support/portal/organization.ts';
import { startPortal } from '../support/portal/portal.ts';
import { newWorld } from '../support/restore.ts';

const drilling = { RESTORE_DRILL_SCHEDULE: '0 0 15 1 * *', RESTORE_DRILL_ITEMS: '2' };

/** An archive of two members' items, and a way to hold a drill. */
async function newDrill(t: TestContext, settings: Record<string, string> = {}) {
  const world = await newWorld(t, { settings: { ...drilling, ...settings } });
  const { org, env, store, clock } = world;
  org.addMember('ana');
  org.addItem({ owner: 'ana', type: 'Web Map', title: 'Districts', json: { a: 1 } });
  org.addItem({ owner: 'ana', type: 'PDF', title: 'Flyer', file: 'flyer.pdf' });
  const before = JSON.stringify([...org.items.keys()]);
  // Functions are loaded once a process: the timer is one of them where a schedule is set by then.
  const { host } = await startLocalHost(env, () => undefined, { store, clock });
  t.after(() => host.close());
  await host.request({ method: 'POST', path: '/api/backups', headers: {}, body: '{}' });
  assert.equal((await host.completed('ago-backup')).error, undefined);
  const drill = async () => {
    clock.advance(60_000);
    await host.runTimer('startDrill');
    await host.completed('ago-backup-restore');
    return (await readDrills(store)).map(({ outcome, isTidy, items }) => [outcome, isTidy, items.length]);
  };
  const assertNothingLeft = () => {
    assert.equal(JSON.stringify([...org.items.keys()]), before);
    assert.deepEqual(
      [...org.items.values()].flatMap(({ record }) => record.typeKeywords.filter((k) => /^restore-/.test(k))),
      [],
    );
  };
  return { world, drill, assertNothingLeft };
}

/** A check of Healthchecks.io; what it has heard since somebody asked last. */
async function newCheck(t: TestContext) {
  const check = await startHealthchecks();
  t.after(() => check.close());
  return {
    url: check.url,
    heard: () => check.heard.splice(0).map(({ signal, body }) => [signal, body.split('\n', 1)[0]]),
  };
}

test('a drill restores copies of items of different types, compares them, and leaves nothing in the portal', async (t) => {
  const { world, drill, assertNothingLeft } = await newDrill(t);
  assert.deepEqual(await drill(), [['complete', true, 2]]);
  assert.equal(
    world.portal.log.count(({ path }) => path.endsWith('/addItem')),
    2,
  );
  assertNothingLeft();
});

test('what a drill leaves that was killed in the middle, the next one deletes', async (t) => {
  const { world, drill, assertNothingLeft } = await newDrill(t);
  const remove = await aroundInvocations(({ name }, execute) => {
    if (name === 'tidyDrill' || name === 'endDrill') throw new Error('The worker is gone.');
    return execute();
  });
  assert.deepEqual(await drill(), [[null, false, 2]]);
  remove();
  assert.equal(world.org.items.size, 4);
  assert.deepEqual(await drill(), [
    [null, true, 2],
    ['complete', true, 2],
  ]);
  assertNothingLeft();
});

const refused = { error: { code: 400, message: 'No.' } };
const whole = 'Restore drill complete: 2 of 2 items came back as they were saved';
const none = 'Restore drill failed: 0 of 2 items came back as they were saved';

test('a drill has a check of its own, which hears of its beginning and its end; the check of the backup hears nothing of it', async (t) => {
  const [own, backup] = [await newCheck(t), await newCheck(t)];
  const { world, drill } = await newDrill(t, { HEALTHCHECKS_DRILL_URL: own.url, HEALTHCHECKS_PING_URL: backup.url });
  backup.heard();
  await drill();
  const [start, ...ends] = own.heard();
  assert.deepEqual([start?.[0], ends, backup.heard()], ['start', [['success', whole]], []]);
  const fault = world.portal.faults.add({ match: /POST .*\/addItem$/, times: Infinity, answer: refused });
  await drill();
  assert.deepEqual([own.heard().slice(1), backup.heard()], [[['fail', none]], []]);
  fault.remove();
  Object.assign(world.org.accounts.get('keeper') ?? {}, { password: 'another' });
  world.portal.tokens.expireAll();
  await drill();
  assert.deepEqual(own.heard(), [['fail', 'Restore drill failed: 0 of 0 items came back as they were saved']]);
});

test('without a check of its own a drill that fails rings that of the backup, and one that ends well is only a line there', async (t) => {
  const backup = await newCheck(t);
  const { world, drill } = await newDrill(t, { HEALTHCHECKS_PING_URL: backup.url });
  backup.heard();
  await drill();
  assert.deepEqual(backup.heard(), [['log', whole]]);
  world.portal.faults.add({ match: /POST .*\/addItem$/, times: Infinity, answer: refused });
  await drill();
  assert.deepEqual(backup.heard(), [['fail', none]]);
});

test('a drill into another organization makes, compares and deletes its copies there, and nothing is written in the first', async (t) => {
  const org = new Organization();
  Object.assign(org, { id: 'another' });
  org.addMember('keeper', { role: 'org_admin' });
  const other = await startPortal({ org });
  t.after(() => other.close());
  const { world, drill } = await newDrill(t, { RESTORE_PORTAL_URL: other.url });
  assert.deepEqual(await drill(), [['complete', true, 2]]);
  assert.deepEqual(world.portal.writesOf('keeper'), []);
  assert.equal(
    other.log.count(({ path }) => path.endsWith('/addItem')),
    2,
  );
  assert.deepEqual([...org.items.keys()], []);
});

test('what a drill leaves whose copies were under way when it was killed, the next one deletes', async (t) => {
  const { world, drill, assertNothingLeft } = await newDrill(t);
  const remove = await aroundInvocations(async ({ name }, execute) => {
    if (name !== 'restoreItems') return execute();
    world.portal.faults.add({ match: /POST .*\/addItem$/, skip: 1, times: Infinity, answer: refused });
    await execute();
    throw new Error('The language worker process exited.');
  });
  assert.deepEqual(await drill(), [['failed', false, 2]]);
  remove();
  world.portal.faults.clear();
  assert.ok(world.org.items.size > 2, 'a copy is there');
  assert.deepEqual((await drill()).at(-1), ['complete', true, 2]);
  assertNothingLeft();
});
