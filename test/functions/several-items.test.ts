import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { countOf, addUp } from '../../lib/run/save/item-result.ts';
import { BackupError } from '../../lib/errors.ts';
import { MemoryStore } from '../../lib/storage/memory.ts';
import { assertSameAsPortal, cloneArchive, readArchive } from '../support/archive.ts';
import { newBackup, type Backup } from '../support/backup.ts';
import { VirtualClock } from '../support/clock.ts';
import { watched } from '../support/stores/counting.ts';
import { aroundInvocations, type Execute } from '../support/invocations.ts';
import { contentOf } from '../support/portal/content.ts';
import { Organization } from '../support/portal/organization.ts';

/** Small items go several to an activity; each costs itself only, and nothing is done twice. */

const data = /GET .*\/items\/[0-9a-f]{32}\/data$/;

function maps(count: number): { org: Organization; ids: string[] } {
  const org = new Organization();
  const ids = Array.from(
    { length: count },
    (_, n) => org.addItem({ owner: 'backup', type: 'Web Map', title: `Map ${n}`, json: { n } }).record.id,
  );
  return { org, ids };
}

const inMemory = () => new MemoryStore({ clock: new VirtualClock() });

/** What the activities of a run were: how many, how long those took that save, and the largest message, in bytes. */
async function watching(t: TestContext, { clock }: Backup, way = (execute: Execute): Promise<unknown> => execute()) {
  const seen = { activities: 0, took: [] as number[], largest: 0, bytes: 0, answers: [] as unknown[] };
  const remove = await aroundInvocations(async ({ name, kind, input }, execute) => {
    const begun = clock.now();
    const answer = name === 'saveItems' ? await way(execute) : await execute();
    if (kind !== 'activity') return answer;
    seen.activities += 1;
    seen.largest = Math.max(seen.largest, JSON.stringify(input).length, JSON.stringify(answer).length);
    if (name === 'saveItems') seen.took.push(clock.now() - begun);
    if (name === 'saveItems') {
      const { bytes, ...counts } = (answer as { value: { bytes: number } }).value;
      seen.bytes += bytes;
      seen.answers.push(counts);
    }
    return answer;
  });
  t.after(remove);
  return seen;
}

test('a first run of 105 small items takes 3 activities for ten of them at most, all of them short messages', async (t) => {
  const { org } = maps(105);
  const backup = await newBackup(t, { org, settings: { BACKUP_CONCURRENCY: '2' } });
  const seen = await watching(t, backup);
  const record = await backup.run();
  assert.deepEqual([record.outcome, record.added, record.bytes], ['complete', 105, seen.bytes]);
  await assertSameAsPortal(await cloneArchive(t, backup.store), backup.portal);
  assert.ok(seen.activities <= 31, `${seen.activities} activities`);
  assert.equal(seen.took.length, 4, '50 items, then the rest, on each lane');
  assert.ok(seen.largest <= 45_000, `${seen.largest} bytes`);
});

test('an item that fails among several costs itself only, and is counted as failed while the run goes on', async (t) => {
  const { org, ids } = maps(20);
  const store = inMemory();
  const backup = await newBackup(t, { org, store, settings: { BACKUP_CONCURRENCY: '1' } });
  const [first, , third] = ids;
  for (const id of [first, third])
    backup.portal.faults.add({ match: new RegExp(`${id}/data`), answer: { error: { code: 403, message: 'No.' } } });
  const seen = await watching(t, backup);
  const record = await backup.run();
  assert.deepEqual([record.outcome, record.added, record.failed], ['partial', 18, 2]);
  assert.deepEqual(seen.answers, [{ done: 20, failed: 2 }]);
  assert.equal((await readArchive(store)).items.size, 18);
});

for (const [words, way, most] of [
  ['once more', async (execute) => (await execute(), execute()), 0],
  ['twice at the same time', async (execute) => (await Promise.all([execute(), execute()]))[1], 20],
] as [string, (execute: Execute) => Promise<unknown>, number][]) {
  test(`an activity with several items that is executed ${words} stages nothing again, and counts each item once`, async (t) => {
    const { org, ids } = maps(20);
    const store = inMemory();
    const backup = await newBackup(t, { org, store, settings: { BACKUP_CONCURRENCY: '1' } });
    const seen = await watching(t, backup, way);
    const record = await backup.run();
    assert.deepEqual([record.outcome, record.added, seen.answers], ['complete', 20, [{ done: 20, failed: 0 }]]);
    assert.ok(backup.portal.log.count(data) <= ids.length + most, `${backup.portal.log.count(data)} downloads`);
    await assertSameAsPortal(await readArchive(store), backup.portal);
  });
}

test('of an activity whose worker goes away in its midst, the next try fetches only what was not staged', async (t) => {
  const { org, ids } = maps(20);
  const inner = inMemory();
  const reached = Promise.withResolvers<null>();
  const gone = Promise.withResolvers<never>();
  let staged = 0;
  const store = watched(inner, ({ verb, name }, run) => {
    if (verb !== 'put' || !name.includes('/staged/') || ++staged !== 7) return run();
    reached.resolve(null);
    return gone.promise;
  });
  const backup = await newBackup(t, { org, store, settings: { BACKUP_CONCURRENCY: '1' } });
  let tries = 0;
  const seen = await watching(t, backup, async (execute) => {
    if (++tries > 1) return execute();
    const cut = execute();
    await Promise.race([cut, reached.promise]);
    gone.reject(new BackupError('STORE_FULL', 'Nobody hears it.'));
    await cut;
    throw new Error('The worker is gone.');
  });
  const record = await backup.run();
  assert.deepEqual([record.outcome, record.added, tries], ['complete', 20, 2]);
  assert.deepEqual(seen.answers, [{ done: 20, failed: 0 }]);
  assert.equal(backup.portal.log.count(data), ids.length + 1, 'only the seventh was asked for twice');
  await assertSameAsPortal(await readArchive(inner), backup.portal);
});

test('slow items go fewer to an activity, so that none takes long, and large ones as well', async (t) => {
  const { org } = maps(8);
  for (let n = 0; n < 2; n++)
    org.addItem({
      owner: 'backup',
      type: 'PDF',
      title: `Scan ${n}`,
      data: contentOf(`%PDF-1.4 ${n}${'x'.repeat(17 << 20)}`),
    });
  const store = inMemory();
  const backup = await newBackup(t, { org, store, settings: { BACKUP_CONCURRENCY: '1' } });
  backup.portal.faults.add({ match: data, times: Infinity, answer: { delay: 12_000 } });
  const seen = await watching(t, backup);
  const record = await backup.run();
  assert.deepEqual([record.outcome, record.added], ['complete', 10]);
  assert.ok(
    seen.took.every((ms) => ms <= 60_000),
    seen.took.join(),
  );
  const done = seen.answers.map((answer) => (answer as { done: number }).done);
  assert.deepEqual([done.slice(0, 1), done.slice(1)], [[2], [3, 3, 2]]);
  await assertSameAsPortal(await readArchive(store), backup.portal);
});

test('what ends the run stands in the sum of several items, and no item behind it is counted', () => {
  const one = countOf({ ok: true, bytes: 5 });
  const failed = countOf({ ok: false, code: 'ITEM_GONE', message: 'm', hint: 'h' });
  const ended = countOf({ ok: false, code: 'PORTAL_DOWN', message: 'm', hint: 'h' });
  assert.deepEqual(addUp(one, failed), { done: 2, failed: 1, bytes: 5 });
  assert.deepEqual(addUp(addUp(one, failed), ended), {
    done: 2,
    failed: 1,
    bytes: 5,
    ended: { code: 'PORTAL_DOWN', message: 'm', hint: 'h' },
  });
});
