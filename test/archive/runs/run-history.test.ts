import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { isDue } from '../../../lib/backup/compare.ts';
import { newRunId, readRunHistory } from '../../../lib/archive/runs/run-history.ts';
import { emptyRecord, readRecord, warn, writeRecord } from '../../../lib/archive/runs/run-record.ts';
import { MemoryStore } from '../../../lib/storage/memory.ts';
import { newBackup } from '../../support/backup.ts';
import { VirtualClock } from '../../support/clock.ts';
import { contentOf } from '../../support/portal/content.ts';
import { Organization } from '../../support/portal/organization.ts';

const day = 86_400_000;
const idAt = (time: number) => newRunId(time, '0'.repeat(40));

/** What is known of earlier runs on a night when runs have recorded that they began so many days ago. */
async function lastRun(
  ago: readonly number[],
  spoil: (store: MemoryStore, ids: string[]) => unknown = () => undefined,
) {
  const clock = new VirtualClock();
  const store = new MemoryStore({ clock });
  const ids: string[] = [];
  for (const days of ago) {
    const started = clock.now() - days * day;
    ids.push(idAt(started));
    await writeRecord(store, emptyRecord({ runId: idAt(started), started }, 'complete', started));
  }
  await spoil(store, ids);
  const earlier = await readRunHistory({ store, clock }, idAt(clock.now()), undefined);
  return earlier.lastRun === null || earlier.lastRun === 0 ? earlier.lastRun : (clock.now() - earlier.lastRun) / day;
}

test('a run that began ahead of now counts as never', async () => {
  assert.equal(await lastRun([3, 2, 1, -21]), 1);
  assert.equal(await lastRun([3, 2, -1, -21]), 2);
  assert.equal(await lastRun([]), null);
});

test('when every run began ahead of now, everything is due', async () => {
  assert.equal(await lastRun([-21]), 0);
  assert.equal(isDue('0'.repeat(32), 7, 0, 20_000 * day), true);
  assert.equal(isDue('0'.repeat(32), 7, 20_021 * day, 20_000 * day), true);
});

test('a record that is damaged, empty, or that of another run is passed over', async () => {
  const name = (id: string | undefined) => `ago-backup/runs/${id ?? ''}.json`;
  for (const text of ['', '{', 'null', '7', '[]', '{"runId":5}'])
    assert.equal(await lastRun([2, 1], (store, ids) => store.put(name(ids[1]), Buffer.from(text))), 2, text);
  assert.equal(await lastRun([2, 1], (store, ids) => store.copy(name(ids[0]), name(ids[1]))), 2);
});

test('a run that died while its clock was ahead is buried by the next one', async () => {
  const clock = new VirtualClock();
  const store = new MemoryStore({ clock });
  const ahead = idAt(clock.now() + 21 * day);
  await store.put(`ago-backup/runs/${ahead}/members.json`, Buffer.from('{}'));
  await readRunHistory({ store, clock }, idAt(clock.now()), undefined);
  assert.equal((await readRecord(store, ahead))?.error?.code, 'RUN_DEAD');
});

test('after a night on which the clock was ahead, quiet changes are still seen within the days that the setting says', async (t: TestContext) => {
  const org = new Organization();
  const { id } = org.addItem({
    owner: 'backup',
    type: 'Web Map',
    title: 'Map',
    json: { n: 1 },
    metadata: '<metadata/>',
  }).record;
  const { run, clock } = await newBackup(t, { org, settings: { BACKUP_RECHECK_DAYS: '3' } });
  await run();
  clock.advance(21 * day);
  await run();
  clock.advance(-20 * day);
  await run();
  org.replaceMetadata(id, contentOf('<metadata>quiet</metadata>', 'text/xml'), false);
  let changed = 0;
  for (let night = 0; night < 3; night++) {
    clock.advance(day);
    changed += (await run()).changed;
  }
  assert.equal(changed, 1);
});

test('runs of some items, however many, put off nobody else: the last run is the last of the whole organization', async () => {
  const clock = new VirtualClock();
  const store = new MemoryStore({ clock });
  const write = async (ago: number, more: object) => {
    const started = clock.now() - ago;
    await writeRecord(store, { ...emptyRecord({ runId: idAt(started), started }, 'complete', started), ...more });
  };
  await write(2 * day, {});
  for (let n = 1; n <= 20; n++) await write(n * 60_000, { whole: false });
  const { lastRun } = await readRunHistory({ store, clock }, idAt(clock.now()), undefined);
  assert.equal(lastRun, clock.now() - 2 * day);
});

test('a manual run of one item leaves the night its second look at the others', async (t: TestContext) => {
  const org = new Organization();
  const add = (title: string) => {
    const item = { owner: 'backup', type: 'Web Map', title, json: { title }, metadata: '<metadata/>' };
    return org.addItem(item).record.id;
  };
  const [one, other] = [add('One'), add('Other')];
  const { run, clock, portal } = await newBackup(t, { org, settings: { BACKUP_RECHECK_DAYS: '1' } });
  await run();
  clock.advance(day);
  assert.equal((await run({ items: [one] })).whole, false);
  portal.log.clear();
  clock.advance(60_000);
  assert.equal((await run()).outcome, 'complete');
  assert.ok(portal.log.count(new RegExp(`items/${other}/info/metadata`)) > 0);
});

test('of two warnings that reach a record at one moment none is lost', async () => {
  const clock = new VirtualClock();
  const store = new MemoryStore({ clock });
  const runId = idAt(clock.now());
  await writeRecord(store, emptyRecord({ runId, started: clock.now() }, 'complete', clock.now()));
  const sentences = Array.from({ length: 8 }, (_, n) => `Sentence ${n}.`);
  await Promise.all(sentences.map((sentence) => warn(store, runId, sentence)));
  assert.deepEqual([...((await readRecord(store, runId))?.warnings ?? [])].sort(), sentences);
});
