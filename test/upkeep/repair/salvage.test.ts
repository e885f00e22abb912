import assert from 'node:assert/strict';
import { test } from 'node:test';
import { indexOfPack, infoPacks, packName, packsText } from '../../../lib/git/layout.ts';
import { ObjectReader } from '../../../lib/git/object-reader.ts';
import { encodeEntry } from '../../../lib/git/pack/pack-entry.ts';
import { PackIndex } from '../../../lib/git/pack/pack-index.ts';
import { writePack } from '../../../lib/git/pack/write-pack.ts';
import { tidyUp } from '../../../lib/upkeep/maintain/maintain.ts';
import type { BlobStore } from '../../../lib/storage/blob-store.ts';
import { repair } from '../../../lib/upkeep/repair/repair.ts';
import { verify } from '../../../lib/upkeep/verify/verify.ts';
import { countedNames } from '../../archive/archive.ts';
import { Remembered } from '../../support/remembered.ts';
import { flip, listedPacks, spoil } from '../../support/spoil.ts';
import { repairOver } from './repair-over.ts';
import { smallArchive } from '../small-archive.ts';

const day = 86_400_000;
const everything = { from: 0, to: 1 };
const archive = smallArchive();

/** Flips a bit in one file of the oldest pack: that is the largest, and the portal has some of its files no more. */
async function spoilLargest(store: BlobStore): Promise<string> {
  const name = (await listedPacks(store)).at(-1) ?? '';
  const index = PackIndex.read((await store.get(indexOfPack(name)))?.bytes ?? Buffer.alloc(0)) ?? assert.fail();
  const [entry] = [...index.entries()].sort((a, b) => a.offset - b.offset);
  assert.ok(entry);
  await spoil(store, packName(name), (bytes) => flip(bytes, entry.offset + 6));
  return name;
}

async function tidyLater(store: BlobStore, seed: string): Promise<void> {
  archive.clock.advance(31 * day);
  const { clock } = archive;
  await tidyUp({ store, clock, random: countedNames(seed), repository: archive.repository(store) });
}

const lists: [string, (packs: string[], name: string) => string[]][] = [
  ['empty', () => []],
  ['short of a line', (packs, name) => packs.filter((each) => each !== name)],
];

for (const [how, change] of lists) {
  test(`a list of packs that is ${how}, and a flipped bit in the pack it lacks, cost no object but that one`, async () => {
    const store = archive.store.snapshot();
    const remembered = await Remembered.of(store);
    const name = await spoilLargest(store);
    const packs = await listedPacks(store);
    await spoil(store, infoPacks, () => Buffer.from(packsText(change(packs, name))));
    await repair(repairOver(archive, store));
    assert.equal((await remembered.kept(store)).listed.size, remembered.count - 1);
    const { findings, commits } = await verify(store, everything);
    assert.equal(commits, 3);
    assert.equal(findings.filter(({ kind }) => kind === 'damage').length, 1);
    await tidyLater(store, how);
    assert.equal((await remembered.kept(store)).listed.size, remembered.count - 1);
    assert.deepEqual((await verify(store, everything)).findings.length, 1);
  });
}

test('what was set aside with sound objects in it is salvaged by the next repair, and goes only then', async () => {
  const store = archive.store.snapshot();
  const remembered = await Remembered.of(store);
  const name = await spoilLargest(store);
  const packs = await listedPacks(store);
  await store.put(infoPacks, Buffer.from(packsText(packs.filter((each) => each !== name))));
  for (const blob of [indexOfPack(name), packName(name)]) {
    await store.copy(blob, `ago-backup/set-aside/${blob}`);
    await store.delete(blob);
  }
  archive.clock.advance(31 * day);
  await assert.rejects(tidyLater(store, 'early'), { code: 'STORE_DAMAGED' });
  assert.equal((await remembered.kept(store)).objects.size, remembered.count - 1);
  await repair(repairOver(archive, store));
  assert.equal((await remembered.kept(store)).listed.size, remembered.count - 1);
  await tidyLater(store, 'late');
  assert.deepEqual(await Array.fromAsync(store.list('ago-backup/set-aside/')), []);
  assert.equal((await remembered.kept(store)).listed.size, remembered.count - 1);
});

test('a pack that the list has lost is no leftover, though each of its commits and folders is in another pack', async () => {
  const store = archive.store.snapshot();
  const remembered = await Remembered.of(store);
  const [newest = '', ...others] = await listedPacks(store);
  const without = await withoutFiles(store, newest);
  await store.put(infoPacks, Buffer.from(packsText([without, ...others])));
  await tidyLater(store, 'lost line');
  assert.equal((await remembered.kept(store)).listed.size, remembered.count);
});

/** Packs the commits and folders of a pack alone. */
async function withoutFiles(store: BlobStore, name: string): Promise<string> {
  const reader = new ObjectReader(store, [name]);
  const index = PackIndex.read((await store.get(indexOfPack(name)))?.bytes ?? Buffer.alloc(0)) ?? assert.fail();
  const objects = await Promise.all([...index.entries()].map(({ oid }) => reader.read(oid)));
  const some = objects.filter((object) => object !== undefined).filter(({ type }) => type !== 'blob');
  // eslint-disable-next-line @typescript-eslint/require-await
  async function* all() {
    for (const { type, bytes } of some) yield encodeEntry(type, bytes);
  }
  return (await writePack(store, 'c'.repeat(40), some.length, all())).name;
}

test('a pack without its index, and damaged, is read behind the damage', async () => {
  const store = archive.store.snapshot();
  const remembered = await Remembered.of(store);
  const name = await spoilLargest(store);
  await store.put(indexOfPack(name), Buffer.from('gone'));
  await repair(repairOver(archive, store));
  assert.equal((await remembered.kept(store)).listed.size, remembered.count - 1);
});
