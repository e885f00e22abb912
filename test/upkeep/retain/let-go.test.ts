import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { putHold, releaseHold } from '../../../lib/archive/legal-hold.ts';
import { largeName } from '../../../lib/archive/layout.ts';
import { pointer } from '../../../lib/archive/lfs.ts';
import { indexOfPack } from '../../../lib/git/layout.ts';
import { ObjectReader } from '../../../lib/git/object-reader.ts';
import type { BlobStore } from '../../../lib/storage/blob-store.ts';
import { tidyUp } from '../../../lib/upkeep/maintain/maintain.ts';
import { findWaste } from '../../../lib/upkeep/retain/waste.ts';
import { git } from '../../git/stock-git.ts';
import { listedPacks, spoilObject } from '../../support/spoil.ts';
import { counting, watched } from '../../support/stores/counting.ts';
import { dump, fsck } from '../../support/stores/copies.ts';
import { item, retention, Years } from './years.ts';

/** A Git LFS object, as a member's file of a few kB would be. */
async function large(store: BlobStore, text: string): Promise<{ sha256: string; file: Buffer }> {
  const sha256 = createHash('sha256').update(text).digest('hex');
  await store.put(largeName(sha256), Buffer.from(text));
  return { sha256, file: pointer(sha256, text.length) };
}

/**
 * Forty nights from the 1st of January 2025 on: each changes an item, and puts a Git LFS object in place of the last one. An item that
 * is gone had one as well.
 */
const nights = (async () => {
  const years = await Years.begin('2025-01-01');
  const objects: string[] = [];
  for (let n = 0; n < 40; n++) {
    const { sha256, file } = await large(years.store, `large ${n}`);
    objects.push(sha256);
    const gone = n === 5 ? item('gone', 'x') : n === 6 ? item('gone', null) : {};
    await years.night({ ...item('map', `text ${n}`), ...gone, 'content/ana/None/PDF/map/large.bin': file });
  }
  await years.pack();
  return { years, objects };
})();

async function fortyNights() {
  const { years, objects } = await nights;
  return { years: Years.copy(years), objects };
}

const tidy = (years: Years, store?: BlobStore) => tidyUp({ ...years.open(store), retention: retention(30) });

async function largeLeft({ store }: Years, objects: readonly string[]): Promise<number[]> {
  const there = await Promise.all(objects.map((sha256) => store.stat(largeName(sha256))));
  return [...there.keys()].filter((n) => there[n] !== undefined);
}

const has = ({ store }: Years, oid = '') => new ObjectReader(store).has(oid);

async function packBytes({ store }: Years): Promise<number> {
  return (await Array.fromAsync(store.list('objects/pack/'))).reduce((sum, { size }) => sum + size, 0);
}

test('what was thinned out goes after 90 days, and the packs that held it 14 days later; all that stays is whole', async (t) => {
  const { years, objects } = await fortyNights();
  const all = await packBytes(years);
  years.goTo('2025-04-01');
  await tidy(years);
  assert.equal(
    await fsck(t, years.store),
    3,
    'the 6th of January, when the item was there, the last of January and of February',
  );
  years.goTo('2025-06-29');
  await tidy(years);
  assert.deepEqual([(await largeLeft(years, objects)).length, await has(years, years.commits[3])], [40, true]);
  years.goTo('2025-07-02');
  await tidy(years);
  assert.deepEqual(await largeLeft(years, objects), [5, 30, 39]);
  assert.equal(await has(years, years.commits[3]), false);
  assert.equal(await fsck(t, years.store), 3);
  assert.ok((await packBytes(years)) > all);
  years.goTo('2025-07-17');
  await tidy(years);
  assert.ok((await packBytes(years)) < all / 3);
  assert.equal(await fsck(t, years.store), 3);
  const folder = await dump(t, years.store, true);
  for (const [n, at] of [
    [39, 'main'],
    [30, 'main~'],
    [5, 'main~2'],
  ] as const) {
    assert.equal(await git(folder, 'show', `${at}:content/ana/None/PDF/map/data.txt`), `text ${n}`);
    const [, sha256 = ''] =
      /sha256:(\w+)/.exec(await git(folder, 'show', `${at}:content/ana/None/PDF/map/large.bin`)) ?? [];
    assert.equal((await years.store.get(largeName(sha256)))?.bytes.toString(), `large ${n}`);
  }
  const names = await Array.fromAsync(years.store.list('ago-backup/'), ({ name }) => name);
  assert.deepEqual(
    names.filter((name) => /retired|letting-go/.test(name)),
    [],
  );
});

test('a legal hold stops it before each step, also with BACKUP_KEEP set; without BACKUP_KEEP nothing goes either', async (t) => {
  const { years, objects } = await fortyNights();
  years.goTo('2025-04-01');
  await tidy(years);
  years.goTo('2025-07-02');
  await putHold(years.store, 'Case');
  await tidy(years);
  await tidyUp(years.open());
  assert.equal((await largeLeft(years, objects)).length, 40);
  assert.ok(await has(years, years.commits[3]));
  await releaseHold(years.store);
  await tidy(years);
  const held = await packBytes(years);
  years.goTo('2025-09-01');
  await putHold(years.store, 'Case');
  await tidy(years);
  await releaseHold(years.store);
  await tidyUp(years.open());
  assert.equal(await packBytes(years), held, 'the packs that held it are still there');
  assert.equal(await fsck(t, years.store), 3);
  await tidy(years);
  assert.ok((await packBytes(years)) < held);
});

test('what a branch or tag of a person leads to stays, and so does what was thinned out less than 90 days ago', async (t) => {
  const { years, objects } = await fortyNights();
  await years.store.put('refs/heads/rescue', Buffer.from(`${years.commits[2]}\n`));
  years.goTo('2025-03-05');
  await tidy(years);
  years.goTo('2025-04-02');
  await tidy(years);
  years.goTo('2025-06-10');
  // Of January it is due by now, of February not yet.
  await tidy(years);
  assert.deepEqual(await largeLeft(years, objects), [0, 1, 2, 5, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39]);
  for (const n of [0, 2, 35]) assert.equal(await has(years, years.commits[n]), n !== 35, String(n));
  years.goTo('2025-08-01');
  await tidy(years);
  assert.deepEqual(await largeLeft(years, objects), [0, 1, 2, 5, 30, 39]);
  years.goTo('2025-09-01');
  await tidy(years);
  const folder = await dump(t, years.store);
  await git(folder, 'fsck', '--strict');
  assert.equal((await git(folder, 'rev-list', '--count', 'rescue')).trim(), '3');
});

test('damage of anything that stays stops it: nothing goes', async () => {
  const { years, objects } = await fortyNights();
  years.goTo('2025-04-01');
  await tidy(years);
  years.goTo('2025-07-02');
  const { repository } = years.open();
  const head = await repository.head();
  const data = await repository.treeAt(head?.tree ?? '', 'content/ana/None/PDF/map/data.txt');
  await spoilObject(years.store, data ?? '');
  await assert.rejects(tidy(years), { code: 'STORE_DAMAGED' });
  assert.equal((await largeLeft(years, objects)).length, 40);
});

test('to find out what nothing leads to, the index of each pack is fetched once', async () => {
  const { years } = await fortyNights();
  const { store, requests } = counting(years.store);
  const { reachable } = await findWaste(store, [years.commits[39] ?? '']);
  assert.ok(reachable.has(years.commits[0] ?? ''));
  const fetched = requests.log
    .filter(({ verb, name }) => verb === 'get' && name.endsWith('.idx'))
    .map(({ name }) => name);
  assert.deepEqual(fetched.sort(), (await listedPacks(years.store)).map(indexOfPack).sort());
});

test('a Git LFS object that a run writes anew while it is let go stays', async () => {
  const { years, objects } = await fortyNights();
  years.goTo('2025-04-01');
  await tidy(years);
  years.goTo('2025-07-02');
  const wanted = objects[9] ?? '';
  const joined = watched(years.store, async ({ verb, name }, run) => {
    if (verb === 'delete' && name === largeName(wanted)) await years.store.put(name, Buffer.from('large 9'));
    return run();
  });
  await tidy(years, joined);
  assert.deepEqual(await largeLeft(years, objects), [5, 9, 30, 39]);
});
