import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { allUnfinished, allUnfinishedRows, unfinishedName } from '../../lib/archive/layout.ts';
import type { BlobStore } from '../../lib/storage/blob-store.ts';
import { MemoryStore } from '../../lib/storage/memory.ts';
import { assertSameAsPortal, cloneArchive, readArchive, type Archive } from '../support/archive.ts';
import { newBackup, type Backup } from '../support/backup.ts';
import { VirtualClock } from '../support/clock.ts';
import { aroundInvocations } from '../support/invocations.ts';
import { contentOf } from '../support/portal/content.ts';
import type { Seen } from '../support/portal/faults.ts';
import { Organization } from '../support/portal/organization.ts';

const minute = 60_000;
/** ms that the portal takes for each file beside an item */
const each = 20_000;
const resource = /GET .*\/resources\/.+/;
const attachment = /GET .*\/attachments\/\d+$/;

const isOfRows = ({ path, query }: Pick<Seen, 'path' | 'query'>) =>
  path.endsWith('/query') && query['outFields'] === '*';
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
function rowsIn({ items }: Pick<Archive, 'items'>) {
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

/** A layer whose document takes four activities: each page the most of a minute. The first activity does not know that yet. */
function longLayer(): { org: Organization; id: string; rows: { id: number }[] } {
  const org = new Organization();
  const fields = { owner: 'backup', title: 'Trees', layers: ['Trees'], rows: 33, typeKeywords: view };
  const { record, service } = org.addService(fields);
  return { org, id: record.id, rows: service?.layers[0]?.rows ?? assert.fail() };
}

/** Pages of three rows; an activity gets through five of them. */
const pages = 11;
const perActivity = 5;

/** Lets something happen before one of the activities that save, once. */
async function beforeActivity(t: TestContext, which: number, what: () => Promise<unknown>): Promise<void> {
  let turns = 0;
  const remove = await aroundInvocations(async ({ name }, execute) => {
    if (name.startsWith('saveItem') && ++turns === which) await what();
    return execute();
  });
  t.after(remove);
}

/** Saves slowly, with something happening before one of the activities; what the archive holds, and how many pages were asked for. */
async function savedSlowly(
  t: TestContext,
  org: Organization,
  happens?: { before: number; what: (backup: Backup, store: BlobStore) => Promise<unknown> },
  settings = {},
) {
  const store = new MemoryStore({ clock: new VirtualClock() });
  const backup = await newBackup(t, { org, store, settings });
  backup.portal.faults.add({ match: isOfRows, times: Infinity, answer: { delay: 50_000 } });
  const took = await slowly(t, backup);
  if (happens) await beforeActivity(t, happens.before, () => happens.what(backup, store));
  const { outcome } = await backup.run();
  const asked = backup.portal.log.count(isOfRows);
  const left = await Array.fromAsync(store.list(allUnfinished), ({ name }) => name);
  return { outcome, took: [...took], asked, left, rows: rowsIn(await readArchive(store)) };
}

async function savedAtOnce(t: TestContext, org: Organization, settings = {}) {
  const store = new MemoryStore({ clock: new VirtualClock() });
  await (await newBackup(t, { org, store, settings })).run();
  return rowsIn(await readArchive(store));
}

const large = { BACKUP_LFS_THRESHOLD: '1024' };

for (const [where, settings] of [
  ['in git', {}],
  ['as a Git LFS object', large],
] as const)
  test(`a document of rows that takes longer than an activity goes on in the next ones, ${where}`, async (t) => {
    const { org } = longLayer();
    const { outcome, took, asked, left, rows } = await savedSlowly(t, org, undefined, settings);
    assert.equal(outcome, 'complete');
    assertShort(took, 4);
    assert.equal(asked, pages + perActivity, 'but for those of the first activity no page is read twice');
    assert.deepEqual(left, []);
    assert.deepEqual(rows.layers, [{ id: 0, name: 'Trees', rows: 33, attachments: 0 }]);
    assert.deepEqual(rows, await savedAtOnce(t, org, settings));
  });

test('a run that is ended in the middle of a long document leaves its rows to the next one', async (t) => {
  const { org } = longLayer();
  const backup = await newBackup(t, { org, settings: large });
  const { host } = await backup.open();
  backup.portal.faults.add({ match: isOfRows, times: Infinity, answer: { delay: 50_000 } });
  const end = async () => {
    await host.request({ method: 'DELETE', path: runPath, headers: {} });
    backup.portal.log.clear();
  };
  await beforeActivity(t, 3, end);
  const started = await host.request({ method: 'POST', path: '/api/backups', headers: {}, body: '{}' });
  const runPath = `/api/backups/${(JSON.parse(started.body) as { runId: string }).runId}`;
  await host.completed('ago-backup');
  assert.equal((await backup.run()).outcome, 'complete');
  assert.equal(backup.portal.log.count(isOfRows), pages - perActivity);
  assert.deepEqual(rowsIn(await cloneArchive(t, backup.store)), await savedAtOnce(t, org, large));
});

test('a long document is begun anew when the layer has other rows since', async (t) => {
  const { org, rows: all } = longLayer();
  const what = () => Promise.resolve(all.splice(1, 1));
  const { outcome, left, rows } = await savedSlowly(t, org, { before: 3, what });
  assert.equal(outcome, 'complete');
  assert.equal(rows.layers?.[0]?.rows, 32);
  assert.deepEqual(left, []);
  assert.deepEqual(rows, await savedAtOnce(t, org));
});

for (const [how, spoil] of [
  ['lost', (store: BlobStore, name: string) => store.delete(name)],
  [
    'damaged',
    async (store: BlobStore, name: string) => {
      const { bytes } = (await store.get(name)) ?? assert.fail();
      bytes[9] = 0;
      await store.put(name, bytes);
    },
  ],
] as const)
  test(`rows of a long document are read again when what was kept of them is ${how}`, async (t) => {
    const { org, id } = longLayer();
    const what = async (_backup: Backup, store: BlobStore) => {
      const [name] = await Array.fromAsync(store.list(allUnfinishedRows(id)), (blob) => blob.name);
      await spoil(store, name ?? assert.fail());
    };
    const { outcome, took, asked, left, rows } = await savedSlowly(t, org, { before: 3, what }, large);
    assert.equal(outcome, 'complete');
    assertShort(took, 4);
    assert.ok(asked >= pages + 2 * perActivity, `${asked}`);
    assert.deepEqual(left, []);
    assert.deepEqual(rows, await savedAtOnce(t, org, large));
  });
