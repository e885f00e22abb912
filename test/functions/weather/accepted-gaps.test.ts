import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { allAccepted } from '../../../lib/archive/layout.ts';
import { MemoryStore } from '../../../lib/storage/memory.ts';
import { accept, revoke } from '../../../lib/upkeep/accept/accept.ts';
import { verify } from '../../../lib/upkeep/verify/verify.ts';
import { summary } from '../../../lib/cli/run.ts';
import { newBackup } from '../../support/backup.ts';
import { VirtualClock } from '../../support/clock.ts';
import { startHealthchecks } from '../../support/healthchecks.ts';
import { contentOf } from '../../support/portal/content.ts';
import type { FaultAnswer } from '../../support/portal/faults.ts';
import { Organization } from '../../support/portal/organization.ts';
import { flip, spoil } from '../../support/spoil.ts';

const internal: FaultAnswer = { error: { code: 500, message: 'Internal error' } };
const reason = 'Esri case 0123: this metadata never comes.';

/** A map whose metadata cannot be had, beside another one; nights, and what an administrator does by day. */
async function withGap(t: TestContext) {
  const org = new Organization();
  const fields = { owner: 'backup', type: 'Web Map', json: {}, metadata: '<metadata/>' };
  const resources = { 'a.json': contentOf('{"n":1}') };
  const map = org.addItem({ ...fields, title: 'Map', resources }).record;
  org.addItem({ ...fields, title: 'Other' });
  const store = new MemoryStore({ clock: new VirtualClock() });
  const pings = await startHealthchecks();
  t.after(() => pings.close());
  const { portal, run, clock } = await newBackup(t, { org, store, settings: { HEALTHCHECKS_PING_URL: pings.url } });
  const spoilPart = (part: RegExp, answer: FaultAnswer) =>
    portal.faults.add({ match: new RegExp(`${map.id}/${part.source}`), times: Infinity, answer });
  const acceptAs = (code: string, ...objects: string[]) => accept({ store, clock }, { code, objects, reason });
  const night = async () => {
    const record = await run();
    const { outcome, failures, gaps, accepted = [] } = record;
    const parts = failures.map(({ part, code }) => `${part} ${code}`);
    return { record, told: [outcome, gaps, parts, accepted.map(({ part, code }) => `${part} ${code}`)] };
  };
  return { org, map, store, pings, portal, spoilPart, acceptAs, night };
}

const metadata = /info\/metadata/;
const known = 'metadata.xml PORTAL_ERROR';

test('a gap that is accepted makes no run partial and no check fail, and every report names it with its reason', async (t) => {
  const { map, pings, spoilPart, acceptAs, night } = await withGap(t);
  spoilPart(metadata, internal);
  assert.deepEqual((await night()).told, ['partial', 1, [known], []]);
  assert.equal(pings.heard.at(-1)?.signal, 'fail');
  const [acceptance] = await acceptAs('PORTAL_ERROR', map.id);
  assert.equal(acceptance?.what, `Map (${map.id}, backup) lacks metadata.xml: PORTAL_ERROR.`);
  for (let n = 0; n < 2; n++) {
    const { record, told } = await night();
    assert.deepEqual([told, record.commit], [['complete', 0, [], [known]], null]);
    const line = new RegExp(
      `accepted: Map \\(${map.id}, backup\\), metadata.xml: PORTAL_ERROR: .*\n  since [-0-9]{10}: Esri`,
    );
    assert.match(summary(record).join('\n'), line);
    assert.match(pings.heard.at(-1)?.body ?? '', line);
    assert.equal(pings.heard.at(-1)?.signal, 'success');
  }
});

test('another code, another part, another item and another version of the item are other gaps, and ring', async (t) => {
  const { org, map, portal, spoilPart, acceptAs, night } = await withGap(t);
  const first = spoilPart(metadata, internal);
  await night();
  await acceptAs('PORTAL_ERROR', map.id);
  first.remove();
  const other = spoilPart(metadata, { status: 503 });
  const { record, told } = await night();
  assert.deepEqual(told, ['partial', 1, ['metadata.xml PORTAL_UNREACHABLE'], []]);
  assert.match(record.failures[0]?.hint ?? '', /^It is not the gap that was accepted on \d{4}-\d\d-\d\d\. /);
  other.remove();
  spoilPart(metadata, internal);
  assert.deepEqual((await night()).told, ['complete', 0, [], [known]]);

  const second = spoilPart(/resources$/, internal);
  assert.deepEqual((await night()).told, ['partial', 1, ['resources PORTAL_ERROR'], [known]]);
  second.remove();
  const everywhere = portal.faults.add({ match: metadata, times: Infinity, answer: internal });
  for (const { record: item } of org.items.values()) if (item.title === 'Other') org.editItem(item.id, {});
  assert.deepEqual((await night()).told, ['partial', 1, [known], [known]]);
  everywhere.remove();
  assert.deepEqual((await night()).told, ['complete', 0, [], [known]]);

  org.editItem(map.id, { snippet: 'new' });
  assert.deepEqual((await night()).told, ['partial', 1, [known], []]);
});

test('an acceptance that is taken back or spoiled accepts nothing, and one that is outlived is told', async (t) => {
  const { org, map, store, portal, spoilPart, acceptAs, night } = await withGap(t);
  const nothing = /has no gap PORTAL_ERROR in the latest commit/;
  await night();
  await assert.rejects(acceptAs('PORTAL_ERROR', map.id), nothing);
  org.editItem(map.id, {});
  spoilPart(metadata, internal);
  await night();
  await assert.rejects(acceptAs('PORTAL_BUSY', map.id), { hint: /metadata\.xml \(PORTAL_ERROR\)/ });
  await assert.rejects(acceptAs('PORTAL_ERROR', map.id, '0'.repeat(32)), nothing, 'all or none');
  await acceptAs('PORTAL_ERROR', map.id);
  await revoke(store, [map.id]);
  assert.deepEqual((await night()).told, ['partial', 1, [known], []]);
  await assert.rejects(revoke(store, [map.id]), { code: 'USAGE' });

  await acceptAs('PORTAL_ERROR', map.id);
  const [name = ''] = await Array.fromAsync(store.list(allAccepted), (each) => each.name);
  const sound = (await store.get(name))?.bytes ?? assert.fail();
  await spoil(store, name, flip);
  assert.deepEqual((await night()).told, ['partial', 1, [known], []]);
  await store.put(name, sound);
  const findings = async () => (await verify(store, { from: 0, to: 1 })).findings.map(({ what }) => what);
  assert.deepEqual(await findings(), []);
  portal.faults.clear();
  assert.deepEqual((await night()).told, ['complete', 0, [], []]);
  assert.deepEqual(await findings(), [
    `A gap (Map (${map.id}, backup) lacks metadata.xml: PORTAL_ERROR.) is accepted, and is no more.`,
  ]);
});
