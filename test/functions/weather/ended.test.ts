import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { sumsClose } from '../../../lib/backup/reconcile.ts';
import type { RunRecord } from '../../../lib/backup/run.ts';
import { MemoryStore } from '../../../lib/storage/memory.ts';
import { assertSameAsPortal, assertSameItem, readArchive } from '../../support/archive.ts';
import { newBackup } from '../../support/backup.ts';
import { VirtualClock } from '../../support/clock.ts';
import type { Fault, FaultAnswer, Seen } from '../../support/portal/faults.ts';
import { Organization } from '../../support/portal/organization.ts';
import type { SimulatedPortal } from '../../support/portal/portal.ts';
import { fsck } from '../../support/stores/copies.ts';

/** A run whose portal goes down, or knows it no more, in the middle: it ends, with what it had; nobody is locked out. */

const minute = 60_000;

/** what came since the archive was made */
const items = 24;

/** An archived organization; since then, items came, and one went. */
async function changed(t: TestContext, lanes = 4) {
  const org = new Organization();
  const store = new MemoryStore({ clock: new VirtualClock() });
  const old = org.addItem({ owner: 'backup', type: 'PDF', title: 'Flyer', file: 'flyer.pdf' }).record.id;
  org.addItem({ owner: 'backup', type: 'PDF', title: 'Poster', file: 'flyer.pdf' });
  const backup = await newBackup(t, { org, store, settings: { BACKUP_CONCURRENCY: String(lanes) } });
  assert.equal((await backup.run()).outcome, 'complete');
  org.deleteItem(old);
  org.addService({ owner: 'backup', title: 'Parcels', layers: ['A'] });
  for (let n = 1; n < items; n++) org.addItem({ owner: 'backup', type: 'Web Map', title: `Map ${n}`, json: { n } });
  backup.portal.log.entries.length = 0;
  return { ...backup, org, store, old };
}

const data = /\/items\/[0-9a-f]{32}\/data$/;

/** What was saved is published and true, what was left is counted, and nothing is removed. */
async function assertKept(t: TestContext, record: RunRecord, { store, portal, old }: Changed) {
  const why = JSON.stringify(record);
  assert.equal(record.outcome, 'failed', why);
  assert.ok(sumsClose(record), why);
  assert.ok(record.commit !== null && record.added > 0 && record.failed > 0 && record.removed === 0, why);
  assert.deepEqual(record.failures, [], 'one sentence says it, not one for each item');
  assert.match(record.error?.message ?? '', new RegExp(`${record.failed} items were not fetched.*is in the archive`));
  await fsck(t, store);
  const held = await readArchive(store);
  assert.equal(held.commit, record.commit);
  assert.equal(held.items.size, 2 + record.added);
  for (const id of held.items.keys())
    if (id !== old) await assertSameItem(held, portal, portal.org.items.get(id) ?? assert.fail(id));
}

type Changed = { store: MemoryStore; portal: SimulatedPortal; old: string };

/** The next run, in fine weather. */
async function assertMended({ run, store, portal, clock }: Awaited<ReturnType<typeof changed>>) {
  portal.faults.clear();
  clock.advance(86_400_000);
  assert.equal((await run()).outcome, 'complete');
  await assertSameAsPortal(await readArchive(store), portal);
  assert.deepEqual(portal.leftovers(), []);
}

for (const [name, happens] of [
  ['a password that is changed', ({ org, tokens }) => void ((org.admin.password = 'changed'), tokens.expireAll())],
  ['an account that is disabled', ({ org }) => void (org.admin.disabled = true)],
] as [string, (portal: SimulatedPortal) => void][]) {
  test(`${name} in the middle of a run is tried once, ends it, and what was saved is in the archive`, async (t) => {
    const backup = await changed(t);
    const { run, portal, org, events } = backup;
    const { password } = org.admin;
    portal.faults.add({ match: data, skip: 12, answer: { after: () => happens(portal) } });
    const record = await run();
    assert.equal(record.error?.code, 'AUTH_SIGN_IN');
    assert.equal(portal.log.count(/generateToken/), 2);
    assert.ok(events.some(({ event, code }) => event === 'run.failed' && code === 'AUTH_SIGN_IN'));
    await assertKept(t, record, backup);
    Object.assign(org.admin, { password, disabled: false });
    await assertMended(backup);
  });
}

test('an app whose secret is revoked in the middle of a run is tried once', async (t) => {
  const org = new Organization();
  for (let n = 0; n < 20; n++) org.addItem({ owner: 'backup', type: 'Web Map', title: `Map ${n}`, json: { n } });
  const settings = {
    ARCGIS_USERNAME: '',
    ARCGIS_PASSWORD: '',
    ARCGIS_CLIENT_ID: org.app.clientId,
    ARCGIS_CLIENT_SECRET: org.app.clientSecret,
  };
  const { run, portal } = await newBackup(t, { org, settings });
  const revoke = () => void ((org.app.clientSecret = 'another'), portal.tokens.expireAll());
  portal.faults.add({ match: data, skip: 5, answer: { after: revoke } });
  const { outcome, error, added } = await run();
  assert.deepEqual([outcome, error?.code, added > 0], ['failed', 'AUTH_SIGN_IN', true]);
  assert.equal(portal.log.count(/oauth2\/token/), 2);
});

test('a password that is changed while members are listed is tried once as well', async (t) => {
  const { run, portal, org, store } = await changed(t);
  const before = (await readArchive(store)).commit;
  const change = () => void ((org.admin.password = 'changed'), portal.tokens.expireAll());
  portal.faults.add({ match: /portals\/self\/users/, answer: { after: change } });
  const { outcome, error, commit } = await run();
  assert.deepEqual([outcome, error?.code, commit], ['failed', 'AUTH_SIGN_IN', null]);
  assert.equal(portal.log.count(/generateToken/), 2);
  assert.equal((await readArchive(store)).commit, before);
});

/** Nothing but this comes back once the portal is down, for so long. */
function down(clock: VirtualClock, answer: FaultAnswer, ms: number): { fault: Fault; times: number[] } {
  const times: number[] = [];
  let since: number | undefined;
  let requests = 0;
  const match = ({ path }: Seen) => {
    if (data.test(path)) requests += 1;
    if (requests <= 12) return false;
    since ??= clock.now();
    if (clock.now() >= since + ms) return false;
    times.push(clock.now());
    return true;
  };
  return { fault: { match, times: Infinity, answer }, times };
}

for (const [name, answer, lanes] of [
  ['breaks every connection', 'reset', 1],
  ['gives the page of a gateway', { status: 502 }, 4],
  ['is in upkeep, with a page', 'html', 4],
  ['has too many requests, whatever it is asked', '429', 4],
] as [string, FaultAnswer, number][]) {
  test(`a portal that ${name} for the rest of a run ends it after half an hour`, async (t) => {
    const backup = await changed(t, lanes);
    const { run, portal, clock } = backup;
    const { fault, times } = down(clock, answer, Infinity);
    portal.faults.add(fault);
    const record = await run();
    assert.equal(record.error?.code, 'PORTAL_DOWN');
    const lasted = ((times.at(-1) ?? 0) - (times[0] ?? 0)) / minute;
    assert.ok(lasted >= 25 && lasted <= 45, `${lasted} minutes`);
    if (answer !== '429') {
      assert.ok(times.length < 60, `${times.length} requests`);
      await assertKept(t, record, backup);
    }
    await assertMended(backup);
  });
}

for (const [minutes, answer, lanes] of [
  [1, 'reset', 1],
  [4, { status: 503 }, 4],
  [20, 'reset', 4],
] as [number, FaultAnswer, number][]) {
  test(`an outage of ${minutes} min in the middle of a run is ridden out`, async (t) => {
    const { run, portal, clock, store } = await changed(t, lanes);
    const { fault, times } = down(clock, answer, minutes * minute);
    portal.faults.add(fault);
    const record = await run();
    assert.deepEqual([record.outcome, record.gaps, record.added], ['complete', 0, items], JSON.stringify(record));
    assert.ok(times.length < 60, `${times.length} requests`);
    await assertSameAsPortal(await readArchive(store), portal);
  });
}

test('an item that the gateway never lets through costs itself, also with a single lane, and no half hour', async (t) => {
  const { run, portal, clock, org } = await changed(t, 1);
  const [odd] = [...org.items.values()].filter(({ record }) => record.title === 'Map 3');
  portal.faults.add({
    match: new RegExp(`items/${odd?.record.id}/`),
    times: Infinity,
    answer: { status: 504 },
  });
  const began = clock.now();
  const { outcome, failures, added } = await run();
  assert.deepEqual([outcome, added], ['partial', items - 1]);
  assert.deepEqual([...new Set(failures.map(({ itemId }) => itemId))], [odd?.record.id]);
  assert.ok(clock.now() - began < 15 * minute);
});

test('a server that is down costs the rows of its layers, after some minutes for all together', async (t) => {
  const org = new Organization();
  const layers = Array.from({ length: 24 }, (_, n) =>
    org.addService({ owner: 'backup', title: `Layer ${n}`, layers: ['A'] }),
  );
  org.addItem({ owner: 'backup', type: 'Web Map', title: 'Map', json: {} });
  const { run, portal, clock } = await newBackup(t, { org, settings: { BACKUP_CONCURRENCY: '4' } });
  portal.faults.add({ match: /^\w+ \/arcgis\//, times: Infinity, answer: { status: 503 } });
  const began = clock.now();
  const { outcome, added, failures } = await run();
  assert.deepEqual([outcome, added, failures.length], ['partial', layers.length + 1, layers.length]);
  assert.deepEqual([...new Set(failures.map(({ code }) => code))], ['PORTAL_UNREACHABLE']);
  assert.ok(clock.now() - began < 15 * minute, `${(clock.now() - began) / minute} minutes`);
  assert.ok(portal.log.count(/^\w+ \/arcgis\//) < 45);
});
