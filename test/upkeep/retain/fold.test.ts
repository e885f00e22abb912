import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { putHold, releaseHold } from '../../../lib/archive/legal-hold.ts';
import { becameOf, readFolds } from '../../../lib/archive/folds.ts';
import type { BlobStore } from '../../../lib/storage/blob-store.ts';
import { readAt } from '../../../lib/history/at.ts';
import { versionAt } from '../../../lib/history/version-at.ts';
import { askHistory, readHistory } from '../../../lib/history/read-history.ts';
import { updateIndex } from '../../../lib/history/index/update.ts';
import { fold } from '../../../lib/upkeep/retain/fold.ts';
import { planRetention } from '../../../lib/upkeep/retain/plan.ts';
import { verify } from '../../../lib/upkeep/verify/verify.ts';
import { git, temporaryFolder } from '../../git/stock-git.ts';
import { spoilObject } from '../../support/spoil.ts';
import { watched } from '../../support/stores/counting.ts';
import { dump } from '../../support/stores/copies.ts';
import { item, retention, Years } from './years.ts';

/** The commits as stock git has them in a fresh clone, oldest first: day, tree, message. */
async function cloned(t: TestContext, store: BlobStore) {
  const origin = await dump(t, store);
  const folder = join(await temporaryFolder(t), 'clone');
  await git('.', 'clone', '-q', origin, folder);
  await git(folder, 'fsck', '--strict', '--full');
  const text = await git(folder, 'log', '--reverse', '--format=%H %T %cs%x00%B%x01');
  return text
    .split('\x01')
    .filter((each) => each.trim() !== '')
    .map((each) => {
      const [head = '', message = ''] = each.trimStart().split('\0');
      const [commit = '', tree = '', date = ''] = head.split(' ');
      return { commit, tree, date, message };
    });
}

const found = async (store: BlobStore) => (await verify(store, { from: 0, to: 1 })).findings.map(({ what }) => what);

/** 100 nights of one item, a second one that is gone since February, from the 1st of January 2025. */
const hundred = (async () => {
  const years = await Years.begin('2025-01-01');
  for (let n = 0; n < 100; n++)
    await years.night({
      ...item('map', `${n}`),
      ...(n < 40 && item('gone', `${n}`)),
      ...(n === 40 && item('gone', null)),
    });
  await years.pack();
  return years;
})();
const hundredNights = async () => Years.copy(await hundred);

test('old months keep their last commit, and what is no more the last one with it; trees are the same, git finds no fault', async (t) => {
  const years = await hundredNights();
  const before = await cloned(t, years.store);
  const findings = await found(years.store);
  years.goTo('2025-05-02');
  assert.equal(await fold(years.open(), retention(31)), 31 + 28 + 31 - 4);
  const after = await cloned(t, years.store);
  const dates = after.map(({ date }) => date);
  assert.deepEqual(dates.slice(0, 5), ['2025-01-31', '2025-02-09', '2025-02-28', '2025-03-31', '2025-04-01']);
  assert.equal(dates.length, 100 - 86);
  const treeOf = new Map(before.map(({ date, tree }) => [date, tree]));
  for (const { date, tree } of after) assert.equal(tree, treeOf.get(date), date);
  const folded = after.map(({ message }) => /^Folded: (\d+)$/m.exec(message)?.[1]).slice(0, 5);
  assert.deepEqual(folded, ['30', '8', '18', '30', undefined]);
  assert.deepEqual(await found(years.store), findings);
});

test('history is the same for whoever asks it afterwards, by its index and without', async () => {
  const years = await hundredNights();
  await updateIndex(years.open());
  years.goTo('2025-05-02');
  await fold(years.open(), retention(31));
  await updateIndex(years.open());
  const [told, read] = [await readHistory(years.open()), await readHistory(years.open(), new Map())];
  // Tags are told by the index alone; without it they are read where somebody asks for them.
  const untagged = (name: string, value: unknown) => (name === 'tags' ? undefined : value);
  const plain = ({ commits }: typeof told) =>
    JSON.parse(
      JSON.stringify(
        commits.map(({ oid, changes }) => [oid, [...changes]]),
        untagged,
      ),
    ) as unknown;
  assert.deepEqual(plain(told), plain(read));
  assert.deepEqual(
    told.versions('gone').map(({ op, commit }) => [op, new Date(commit.time).toISOString().slice(0, 10)]),
    [
      ['removed', '2025-02-28'],
      ['changed', '2025-02-09'],
      ['added', '2025-01-31'],
    ],
  );
  assert.equal(await updateIndex(years.open()), 0);
});

test('it is done once a month: a second time the same day, and the next days, nothing goes and no commit gets another id', async () => {
  const years = await hundredNights();
  years.goTo('2025-05-02');
  await fold(years.open(), retention(31));
  const head = (await years.open().repository.head())?.commit;
  assert.equal(await fold(years.open(), retention(31)), 0);
  years.goTo('2025-05-30');
  assert.equal(await fold(years.open(), retention(31)), 0);
  assert.equal((await years.open().repository.head())?.commit, head);
  years.goTo('2025-06-02');
  assert.equal(await fold(years.open(), retention(31)), 9, 'of April, which has ten');
});

test('a legal hold, a run of another host, a run that publishes meanwhile, and damage: nothing goes', async () => {
  const years = await hundredNights();
  years.goTo('2025-05-02');
  const head = async () => (await years.open().repository.head())?.commit;
  const before = await head();
  await putHold(years.store, 'Case 4711');
  assert.equal(await fold(years.open(), retention(31)), 0);
  assert.deepEqual((await planRetention(years.open(), retention(31))).hold?.reason, 'Case 4711');
  await releaseHold(years.store);
  const holder = { runId: 'r', started: 0, host: 'h', where: 'there', heard: 0 };
  const busy = { keepDays: 31, runElsewhere: () => Promise.resolve(holder) };
  assert.equal(await fold(years.open(), busy), 0);
  // Both begin while the new commits are being stored.
  for (const meanwhile of [() => putHold(years.store, ''), async () => void (await years.night(item('map', 'late')))]) {
    await releaseHold(years.store);
    let done = false;
    const joined = watched(years.store, async ({ verb, name }, run) => {
      if (!done && verb === 'put' && name.startsWith('ago-backup/folds/')) {
        done = true;
        await meanwhile();
      }
      return run();
    });
    assert.equal(await fold(years.open(joined), retention(31)), 0);
    assert.equal(await head(), years.commits.at(-1));
  }
  assert.notEqual(await head(), before);
  const lost = years.commits[50] ?? '';
  const damaged = Years.copy(years);
  await spoilObject(damaged.store, lost);
  await assert.rejects(fold(damaged.open(), retention(31)), { code: 'STORE_DAMAGED' });
  assert.ok((await fold(years.open(), retention(31))) > 0);
});

test('merges, what persons and the take-over committed, and all before stay as they are', async (t) => {
  const years = await hundredNights();
  const { repository } = years.open();
  for (let n = 0; n < 2; n++) {
    if (n === 1) {
      const head = await repository.head();
      assert.ok(head);
      const signed = `tree ${head.tree}\nparent ${head.commit}\nauthor Ana <ana@example.org> 1743900000 +0100\ncommitter Ana <ana@example.org> 1743900000 +0100\ngpgsig x\n\nBy hand\n\nRun-Id: 1\n`;
      await repository.replace(head, [Buffer.from(signed)], () => Promise.resolve());
    }
    for (let more = 0; more < 5; more++) await years.night(item('map', `more ${n} ${more}`));
  }
  years.goTo('2026-01-02');
  const old = await cloned(t, years.store);
  assert.equal(await fold(years.open(), retention(31)), 4);
  const now = await cloned(t, years.store);
  assert.deepEqual(now.slice(0, -1), old.slice(0, 106));
  assert.equal(now.at(-1)?.tree, old.at(-1)?.tree);
});

test('what was there before a restore, and the last version of a group that is gone, stay', async () => {
  const years = await Years.begin('2025-01-01');
  const group = (text: string | null) => ({ 'organization/groups/Fire.json': text });
  await years.night({ ...item('map', '1'), ...group('1') });
  await years.night({ ...item('map', '2'), ...group('2') });
  await years.night({ ...item('map', '3'), ...group(null) });
  await years.night(item('map', '4'), 'Before restore 0001: 1 item\n');
  await years.night(item('map', '5'));
  await years.night(item('map', '6'));
  years.goTo('2025-06-02');
  assert.equal(await fold(years.open(), retention(31)), 3);
  const { commits } = await readHistory(years.open());
  assert.deepEqual(
    commits.map(({ time }) => new Date(time).getUTCDate()),
    [6, 4, 2],
  );
  assert.match(commits[1]?.message ?? '', /^Before restore 0001: 1 item/);
  assert.equal(await fold(years.open(), retention(31)), 0);
});

test('an old id leads to the commit of today, or to the one that stands for it, also after several times', async () => {
  const years = await hundredNights();
  years.goTo('2025-05-02');
  await fold(years.open(), retention(31));
  years.goTo('2025-06-02');
  await fold(years.open(), retention(31));
  const history = await readHistory(years.open());
  const folds = await readFolds(years.store);
  assert.equal(folds.length, 2);
  const isThere = (oid: string) => history.commits.some((commit) => commit.oid === oid);
  const dayOf = (oid: string | undefined) => {
    const time = history.commits.find((commit) => commit.oid === oid)?.time;
    return time === undefined ? undefined : new Date(time).toISOString().slice(0, 10);
  };
  const became = (n: number) => {
    const found = becameOf(folds, years.commits[n]?.slice(0, 10) ?? '?', isThere);
    return [found?.isFolded, dayOf(found?.commit)];
  };
  assert.deepEqual(became(30), [false, '2025-01-31']);
  assert.deepEqual(became(5), [true, '2025-01-31']);
  assert.deepEqual(became(39), [false, '2025-02-09']);
  assert.deepEqual(became(91), [true, '2025-04-10'], 'of the second time');
  assert.deepEqual(became(99), [false, '2025-04-10']);
  assert.equal(becameOf(folds, 'ffffffffff', isThere), undefined);
  const asked = (n: number) =>
    askHistory(years.open(), history, (known) => {
      const at = readAt(years.commits[n]?.slice(0, 12) ?? '', years.clock.now());
      return Promise.resolve(dayOf(versionAt(known, 'map', at).commit.oid));
    });
  assert.equal(await asked(30), '2025-01-31');
  await assert.rejects(
    asked(5),
    /was thinned out \(BACKUP_KEEP\); the next one that was kept is [0-9a-f]{10} of 2025-01-31/,
  );
});
