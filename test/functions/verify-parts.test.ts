import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { allVerifying } from '../../lib/archive/layout.ts';
import { allPacks } from '../../lib/git/layout.ts';
import type { BlobStore } from '../../lib/storage/blob-store.ts';
import { MemoryStore } from '../../lib/storage/memory.ts';
import { verifyArchive, type VerifyPart, type VerifyStep } from '../../lib/upkeep/verify/weekly.ts';
import { newBackup } from '../support/backup.ts';
import type { VirtualClock } from '../support/clock.ts';
import { startHealthchecks } from '../support/healthchecks.ts';
import { aroundInvocations } from '../support/invocations.ts';
import { watched } from '../support/stores/counting.ts';
import { Organization } from '../support/portal/organization.ts';
import { flip, listedPacks, spoil } from '../support/spoil.ts';

const minute = 60_000;

/** A store that takes a minute for each blob that it reads; which packs were read whole, how often. */
function slow(store: MemoryStore, clock: VirtualClock): { store: BlobStore; streamed: string[] } {
  const streamed: string[] = [];
  const slowly = watched(store, ({ verb, name }, run) => {
    if (verb === 'get' || verb === 'stream') clock.advance(minute);
    if (verb === 'stream' && name.startsWith(allPacks)) streamed.push(name);
    return run();
  });
  return { store: slowly, streamed };
}

/** An archive of two commits in a slow store. */
async function archive(t: TestContext, settings: Record<string, string> = {}) {
  const org = new Organization();
  const { id } = org.addItem({ owner: 'backup', type: 'PDF', title: 'Flyer', file: 'flyer.pdf' }).record;
  org.addItem({ owner: 'backup', type: 'Web Map', title: 'Map', json: { n: 1 } });
  let now = () => 0;
  const held = new MemoryStore({ clock: { now: () => now(), sleep: () => Promise.resolve() } });
  const backup = await newBackup(t, {
    org,
    store: held,
    settings: { BACKUP_LFS_THRESHOLD: '1024', ...settings },
  });
  const { clock } = backup;
  now = () => clock.now();
  await backup.run();
  org.editItem(id, { snippet: 'edited' });
  await backup.run();
  const { store, streamed } = slow(held, clock);
  const { host } = await backup.open({ store });
  const verify = async () => {
    await host.runTimer('startVerify');
    return (await host.completed('ago-backup-verify')).output;
  };
  return { ...backup, held, slowStore: store, streamed, verify };
}

test('a verification that takes long goes on in activities of minutes, shows how far it is, and leaves nothing behind', async (t) => {
  const { verify, held, clock, streamed, events } = await archive(t);
  const took: number[] = [];
  const shown: { parts?: number; phase?: string }[] = [];
  const around = await aroundInvocations(async ({ name, kind }, execute) => {
    const begun = clock.now();
    const answer = await execute();
    if (name === 'verifyArchive') took.push(clock.now() - begun);
    if (name === 'verify' && kind === 'orchestrator') {
      const { customStatus } = JSON.parse(JSON.stringify(answer)) as { customStatus?: object };
      if (customStatus !== undefined) shown.push(customStatus);
    }
    return answer;
  });
  t.after(around);
  assert.deepEqual(await verify(), { outcome: 'sound' });
  assert.ok(took.length > 3, `${took.length} activities`);
  assert.ok(
    took.every((ms) => ms < 30 * minute),
    took.join(),
  );
  assert.equal(shown.at(-1)?.parts, took.length - 1);
  assert.ok(shown.every(({ phase }) => phase !== undefined));
  assert.deepEqual(streamed.sort(), [...new Set(streamed)], 'each pack is read once');
  assert.deepEqual(await Array.fromAsync(held.list(allVerifying)), []);
  assert.equal(events.filter(({ event }) => event === 'archive.verified').length, 1);
  assert.equal(events.filter(({ event }) => event === 'archive.verifying').length, took.length - 1);
});

test('whenever the worker goes away, the verification goes on, and damage is told once', async (t) => {
  const checks = await startHealthchecks();
  t.after(() => checks.close());
  const { verify, held } = await archive(t, { HEALTHCHECKS_VERIFY_URL: checks.url });
  const [pack = ''] = await listedPacks(held);
  await spoil(held, `${allPacks}pack-${pack}.pack`, (bytes) => flip(bytes, 40));
  let n = 0;
  const around = await aroundInvocations(async ({ name }, execute) => {
    if (name !== 'verifyArchive' || ++n % 3 === 0) return execute();
    if (n % 3 === 2) throw new Error('The language worker process exited.');
    const answer = await execute();
    // What has been told stays told.
    if (JSON.stringify(answer).includes('damaged')) return answer;
    throw new Error('The language worker process exited.');
  });
  t.after(around);
  assert.deepEqual(await verify(), { outcome: 'damaged' });
  assert.deepEqual(
    checks.heard.map(({ signal }) => signal),
    ['fail'],
  );
  assert.equal(checks.heard[0]?.body.match(/pack is damaged: /g)?.length, 1);
});

/** Asks for parts until one is the last; how many there were. */
async function askOn(ask: () => Promise<VerifyPart>): Promise<{ outcome: string; parts: number }> {
  for (let parts = 1; ; parts++) {
    const part = await ask();
    if (typeof part === 'string') return { outcome: part, parts };
  }
}

test('a verification that came to no end is gone on with by the next one, for 14 days; one of an older version gets its end at once', async (t) => {
  const { slowStore, held, clock, streamed } = await archive(t);
  const deps = { store: slowStore, clock, verifyPing: () => Promise.resolve(() => Promise.resolve(true)) };
  const ask = (step: Partial<VerifyStep> = {}) =>
    verifyArchive(deps, { runId: 'a', started: clock.now(), inParts: true, ...step }, () => undefined);
  const { parts } = await askOn(ask);
  for (const days of [7, 15]) {
    streamed.length = 0;
    for (let n = 1; n < parts; n++) assert.notEqual(typeof (await ask()), 'string');
    clock.advance(days * 86_400_000);
    const { outcome, parts: rest } = await askOn(() => ask({ runId: 'b' }));
    assert.equal(outcome, 'sound');
    assert.equal(rest, days === 7 ? 1 : parts);
    assert.equal(new Set(streamed).size, days === 7 ? streamed.length : streamed.length / 2);
  }
  await ask();
  assert.equal((await Array.fromAsync(held.list(allVerifying))).length, 1);
  const whole = await verifyArchive(deps, { runId: 'c', started: clock.now() }, () => undefined);
  assert.equal(whole, 'sound');
  assert.deepEqual(await Array.fromAsync(held.list(allVerifying)), []);
});
