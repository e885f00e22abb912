import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { unfinishedName } from '../../lib/archive/layout.ts';
import { MemoryStore } from '../../lib/storage/memory.ts';
import { assertSameAsPortal, cloneArchive, readArchive, type Archive } from '../support/archive.ts';
import { newBackup, type Backup } from '../support/backup.ts';
import { VirtualClock } from '../support/clock.ts';
import { aroundInvocations } from '../support/invocations.ts';
import { contentOf } from '../support/portal/content.ts';
import type { Which } from '../support/portal/log.ts';
import { Organization } from '../support/portal/organization.ts';

const minute = 60_000;
/** ms that the portal takes for each file beside an item */
const each = 20_000;
const resource = /GET .*\/resources\/.+/;
const attachment = /GET .*\/attachments\/\d+$/;

const isOfRows: Which = ({ path, query }) => path.endsWith('/query') && query['outFields'] === '*';
const view = ['Hosted Service', 'View Service'];

/** A story with many drawings. */
function story(count = 60): { org: Organization; id: string } {
  const org = new Organization();
  const names = Array.from({ length: count }, (_, n) => `draft_${n}.json`);
  const resources = Object.fromEntries(names.map((name) => [name, contentOf(`content of ${name}`)]));
  const { record } = org.addItem({ owner: 'backup', type: 'StoryMap', title: 'River', json: { root: 'n' }, resources });
  return { org, id: record.id };
}

/** A portal that takes its time; how long each activity that saved took, ms. */
async function slowly(t: TestContext, { portal, clock }: Backup): Promise<number[]> {
  const took: number[] = [];
  for (const match of [resource, attachment]) portal.faults.add({ match, times: Infinity, answer: { delay: each } });
  const remove = await aroundInvocations(async ({ name }, execute) => {
    const begun = clock.now();
    const answer = await execute();
    if (name === 'saveItem' || name === 'saveItems') took.push(clock.now() - begun);
    return answer;
  });
  t.after(remove);
  return took;
}

function assertShort(took: readonly number[], atLeast: number): void {
  assert.ok(took.length >= atLeast, `${took.length} activities`);
  assert.ok(
    took.every((ms) => ms <= 5 * minute),
    took.join(),
  );
}

test('an item with many slow resources is saved in several activities, and nothing is asked for twice', async (t) => {
  const { org, id } = story();
  const backup = await newBackup(t, { org });
  const took = await slowly(t, backup);
  assert.equal((await backup.run()).outcome, 'complete');
  await assertSameAsPortal(await cloneArchive(t, backup.store), backup.portal);
  assert.equal(backup.portal.log.count(resource), 60);
  assertShort(took, 5);
  const { app } = await backup.open();
  assert.equal(await app.deps.store.stat(unfinishedName(id)), undefined, 'what was kept goes with the end');
});

/** What an archive holds of the rows of its only item. */
function rowsIn({ items }: Archive) {
  const { layers, notes, parts = [] } = [...items.values()][0]?.manifest ?? {};
  return { layers, notes, parts: parts.filter(({ role }) => role === 'export') };
}

test('rows and attachments that take long are read once, in several activities, and counted as if in one', async (t) => {
  const org = new Organization();
  const { service } = org.addService({ owner: 'backup', title: 'Signs', layers: ['A', 'B'], typeKeywords: view });
  for (const layer of service?.layers ?? [])
    for (const row of layer.rows)
      for (let id = 1; id <= 4; id++)
        row.attachments.push({ id, name: `${id}.txt`, content: contentOf(`${layer.id} ${row.id} ${id}`) });
  assert.ok(service);
  const quick = await newBackup(t, { org });
  await quick.run();
  const backup = await newBackup(t, { org });
  const took = await slowly(t, backup);
  assert.equal((await backup.run()).outcome, 'complete');
  assertShort(took, 3);
  assert.equal(backup.portal.log.count(attachment), 40);
  const [rowsOnce, rows] = [quick, backup].map(({ portal }) => portal.log.count(isOfRows));
  assert.deepEqual([rows, rowsOnce], [4, 4]);
  const [one, other] = await Promise.all(
    [quick, backup].map(async ({ store }) => rowsIn(await cloneArchive(t, store))),
  );
  assert.equal(one?.parts.length, 44);
  assert.deepEqual(other, one);
});

test('what was fetched of a long item that failed in the end is not fetched again the next night', async (t) => {
  const { org, id } = story();
  const backup = await newBackup(t, { org });
  await slowly(t, backup);
  backup.portal.faults.add({ match: new RegExp(`${id}/data`), answer: { error: { code: 403, message: 'No.' } } });
  assert.equal((await backup.run()).failed, 1);
  backup.portal.log.clear();
  assert.equal((await backup.run()).outcome, 'complete');
  assert.equal(backup.portal.log.count(resource), 0);
  await assertSameAsPortal(await cloneArchive(t, backup.store), backup.portal);
});

test('a run that is ended in the middle of a long item leaves to the next one what it had fetched', async (t) => {
  const { org } = story();
  const backup = await newBackup(t, { org });
  const { host } = await backup.open();
  await slowly(t, backup);
  let turns = 0;
  const remove = await aroundInvocations(async ({ name }, execute) => {
    if (name.startsWith('saveItem') && ++turns === 3)
      await host.request({ method: 'DELETE', path: runPath, headers: {} });
    return execute();
  });
  t.after(remove);
  const started = await host.request({ method: 'POST', path: '/api/backups', headers: {}, body: '{}' });
  const runPath = `/api/backups/${(JSON.parse(started.body) as { runId: string }).runId}`;
  await host.completed('ago-backup');
  const asked = backup.portal.log.count(resource);
  assert.ok(asked >= 24 && asked < 60, `${asked}`);
  assert.equal((await backup.run()).outcome, 'complete');
  assert.ok(backup.portal.log.count(resource) <= 60 + 1);
  await assertSameAsPortal(await cloneArchive(t, backup.store), backup.portal);
});

for (const [what, change, begins] of [
  ['was edited since', (org: Organization, id: string) => org.editItem(id, { snippet: 'Edited' }), 'CONTENT of'],
  ['has files of other sizes since', () => undefined, 'newer'],
] as const) {
  test(`what was fetched of a long item that ${what} is not taken for what it is now`, async (t) => {
    const clock = new VirtualClock();
    const { org, id } = story(30);
    const store = new MemoryStore({ clock });
    const backup = await newBackup(t, { org, store });
    await slowly(t, backup);
    backup.portal.faults.add({ match: new RegExp(`${id}/data`), answer: { error: { code: 403, message: 'No.' } } });
    await backup.run();
    change(org, id);
    for (const [name, held] of org.item(id).resources) held.content = contentOf(`${begins} ${name}`);
    assert.equal((await backup.run()).outcome, 'complete');
    await assertSameAsPortal(await readArchive(store), backup.portal);
  });
}

test('what was kept of a long item is fetched again where it is damaged', async (t) => {
  const { org, id } = story(30);
  const backup = await newBackup(t, { org });
  await slowly(t, backup);
  backup.portal.faults.add({ match: new RegExp(`${id}/data`), answer: { error: { code: 403, message: 'No.' } } });
  await backup.run();
  const { store } = (await backup.open()).app.deps;
  const kept = await store.get(unfinishedName(id));
  assert.ok(kept);
  kept.bytes[kept.bytes.length - 3] = 0;
  await store.put(unfinishedName(id), kept.bytes);
  assert.equal((await backup.run()).outcome, 'complete');
  await assertSameAsPortal(await cloneArchive(t, backup.store), backup.portal);
});
