import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { allPacks, branch, indexOfPack, infoPacks, infoRefs, packName } from '../../lib/git/layout.ts';
import { indexName, largeName } from '../../lib/archive/layout.ts';
import type { BlobStore } from '../../lib/storage/blob-store.ts';
import { flip, listedPacks, spoil, spoilObject } from '../support/spoil.ts';
import type { SmallArchive } from './small-archive.ts';

/** One way in which an archive can be damaged. */
export interface Damage {
  name: string;
  spoil: (store: BlobStore, archive: SmallArchive) => Promise<unknown>;
  kind: 'damage' | 'notice';
  /** what verify says of it */
  what: RegExp;
  /** can `repair` put all of it right, with the portal at hand? */
  mended: boolean;
  /** does it hide other damage, which a half-done repair brings to light? */
  hides?: true;
}

async function newest(store: BlobStore): Promise<string> {
  return (await listedPacks(store))[0] ?? assert.fail();
}

async function oldest(store: BlobStore): Promise<string> {
  return (await listedPacks(store)).at(-1) ?? assert.fail();
}

/** The object at a path of the latest commit. */
async function at(store: BlobStore, archive: SmallArchive, path: string): Promise<string> {
  const { tree } = await archive.head(store);
  return (await archive.repository(store).treeAt(tree, path)) ?? assert.fail(path);
}

/** The name of the flyer's Git LFS object: it is in every commit. */
export async function flyer(store: BlobStore, archive: SmallArchive): Promise<string> {
  const pointer = await archive
    .repository(store)
    .blob(await at(store, archive, 'content/ana/None/PDF/Flyer/flyer.pdf'));
  return largeName(/sha256:([0-9a-f]{64})/.exec(pointer.toString())?.[1] ?? assert.fail());
}

/** The Git LFS object of an item that is not in the latest commit any more. */
export async function old(store: BlobStore, archive: SmallArchive): Promise<string> {
  const current = await flyer(store, archive);
  const names = await Array.fromAsync(store.list('lfs/'), ({ name }) => name);
  const now = await archive
    .repository(store)
    .blob(await at(store, archive, 'content/ana/None/Feature Service/Parcels/backup.json'));
  return names.find((name) => name !== current && !now.includes(name.slice(-64))) ?? assert.fail(names.join());
}

export const damages: Damage[] = [
  {
    name: 'a flipped bit in a file that the portal still has',
    spoil: async (store, archive) =>
      spoilObject(store, await at(store, archive, 'content/ana/None/Web Map/Map/item.json')),
    kind: 'damage',
    what: /pack is damaged: 1 of its/,
    mended: true,
  },
  {
    name: 'a damaged backup.json',
    spoil: async (store, archive) =>
      spoilObject(store, await at(store, archive, 'content/ana/None/PDF/Flyer/backup.json')),
    kind: 'damage',
    what: /Flyer has no readable backup\.json/,
    mended: true,
  },
  {
    name: 'a damaged folder of an item',
    spoil: async (store, archive) => spoilObject(store, await at(store, archive, 'content/ana/None/PDF/Flyer')),
    kind: 'damage',
    what: /The folder [0-9a-f]{40} is missing or damaged/,
    mended: true,
  },
  {
    name: 'a damaged folder of a member',
    spoil: async (store, archive) => spoilObject(store, await at(store, archive, 'content/ana')),
    kind: 'damage',
    what: /The folder [0-9a-f]{40} is missing or damaged/,
    mended: false,
  },
  {
    name: 'a flipped bit at the end of a pack',
    spoil: async (store) => spoil(store, packName(await newest(store)), (bytes) => flip(bytes, bytes.length - 5)),
    kind: 'damage',
    what: /checksum does not hold/,
    mended: true,
  },
  {
    name: 'a truncated pack',
    spoil: async (store) => spoil(store, packName(await oldest(store)), (bytes) => bytes.subarray(0, bytes.length / 2)),
    kind: 'damage',
    what: /objects? do(?:es)? not hold/,
    mended: false,
  },
  {
    name: 'a missing pack',
    spoil: async (store) => store.delete(packName(await oldest(store))),
    kind: 'damage',
    what: /\.pack is missing/,
    mended: false,
  },
  {
    name: 'a missing index',
    spoil: async (store) => store.delete(indexOfPack(await newest(store))),
    kind: 'damage',
    what: /\.idx is missing or damaged/,
    mended: true,
  },
  {
    name: 'a flipped bit in an index',
    spoil: async (store) => spoil(store, indexOfPack(await oldest(store)), flip),
    kind: 'damage',
    what: /\.idx is missing or damaged/,
    mended: true,
  },
  {
    name: "another pack's index",
    spoil: async (store) => store.copy(indexOfPack(await oldest(store)), indexOfPack(await newest(store))),
    kind: 'damage',
    what: /\.idx belongs to another pack/,
    mended: true,
  },
  {
    name: "two packs under each other's name",
    spoil: async (store) => {
      const [one, two] = [packName(await newest(store)), packName(await oldest(store))];
      const bytes = (await store.get(one))?.bytes ?? assert.fail();
      await store.copy(two, one);
      await store.put(two, bytes);
    },
    kind: 'damage',
    what: /\.idx belongs to another pack/,
    mended: true,
  },
  {
    name: 'an empty list of packs',
    spoil: async (store) => spoil(store, infoPacks, () => Buffer.from('\n')),
    kind: 'damage',
    what: /lists no pack/,
    mended: true,
  },
  {
    name: 'a lost list of packs',
    spoil: async (store) => store.delete(infoPacks),
    kind: 'damage',
    what: /lists no pack/,
    mended: true,
  },
  {
    name: 'a list that lacks a pack',
    spoil: async (store) => {
      const [, ...others] = await listedPacks(store);
      await store.put(infoPacks, Buffer.from(others.map((name) => `P pack-${name}.pack\n`).join('')));
    },
    kind: 'damage',
    what: /points nowhere/,
    mended: true,
  },
  {
    name: 'a list with a pack that never was',
    spoil: async (store) =>
      spoil(store, infoPacks, (bytes) => Buffer.concat([Buffer.from(`P pack-${'d'.repeat(40)}.pack\n`), bytes])),
    kind: 'damage',
    what: /pack-d{40}\.pack is missing/,
    mended: true,
  },
  {
    name: 'a branch that points nowhere',
    spoil: async (store) => spoil(store, branch, () => Buffer.from(`${'a'.repeat(40)}\n`)),
    kind: 'damage',
    what: /points nowhere/,
    mended: true,
  },
  {
    name: 'a branch that is no id',
    spoil: async (store) => spoil(store, branch, () => Buffer.from('main')),
    kind: 'damage',
    what: /points nowhere/,
    mended: true,
  },
  ...['', 'm', '\0'.repeat(41), '[core]\n\tbare = true\n', `${'A'.repeat(40)}\n`, `../${'a'.repeat(37)}\n`].map(
    (text): Damage => ({
      name: `a branch that holds ${JSON.stringify(text).slice(0, 24)}`,
      spoil: async (store) => spoil(store, branch, () => Buffer.from(text)),
      kind: 'damage',
      what: /points nowhere/,
      mended: true,
    }),
  ),
  {
    name: 'a branch with the bytes of a pack',
    spoil: async (store) => store.copy(packName(await newest(store)), branch),
    kind: 'damage',
    what: /points nowhere/,
    mended: true,
  },
  {
    name: "an index and a pack under each other's name",
    spoil: async (store) => {
      const [pack, index] = [packName(await newest(store)), indexOfPack(await newest(store))];
      const bytes = (await store.get(pack))?.bytes ?? assert.fail();
      await store.copy(index, pack);
      await store.put(index, bytes);
    },
    kind: 'damage',
    what: /cannot be made from its pack/,
    mended: true,
  },
  {
    name: 'a lost branch, a damaged index and a damaged file at the same time',
    spoil: async (store, archive) => {
      await spoilObject(store, await at(store, archive, 'content/ana/None/Web Map/Map/item.json'));
      await spoil(store, indexOfPack(await oldest(store)), flip);
      await store.delete(branch);
    },
    kind: 'damage',
    what: /refs\/heads\/main is missing/,
    mended: true,
    hides: true,
  },
  {
    name: 'a lost branch',
    spoil: async (store) => store.delete(branch),
    kind: 'damage',
    what: /refs\/heads\/main is missing/,
    mended: true,
  },
  {
    name: 'a missing Git LFS object',
    spoil: async (store, archive) => store.delete(await flyer(store, archive)),
    kind: 'damage',
    what: /Git LFS object [0-9a-f]{64} is missing/,
    mended: true,
  },
  {
    name: 'a short Git LFS object',
    spoil: async (store, archive) => spoil(store, await flyer(store, archive), (bytes) => bytes.subarray(1)),
    kind: 'damage',
    what: /bytes instead of/,
    mended: true,
  },
  {
    name: 'a flipped bit in a Git LFS object',
    spoil: async (store, archive) => spoil(store, await flyer(store, archive), flip),
    kind: 'damage',
    what: /Git LFS object [0-9a-f]{64} is damaged/,
    mended: true,
  },
  {
    name: "two Git LFS objects under each other's name, one of which only history needs",
    spoil: async (store, archive) => {
      const [one, two] = [await flyer(store, archive), await old(store, archive)];
      const bytes = (await store.get(one))?.bytes ?? assert.fail();
      await store.copy(two, one);
      await store.put(two, bytes);
    },
    kind: 'damage',
    what: /Git LFS object [0-9a-f]{64} (is damaged|has)/,
    mended: true,
  },
  {
    name: 'a damaged Git LFS object that only history needs',
    spoil: async (store, archive) => spoil(store, await old(store, archive), flip),
    kind: 'damage',
    what: /Git LFS object [0-9a-f]{64} is damaged/,
    mended: false,
  },
  {
    name: 'a config that git cannot read',
    spoil: async (store) => spoil(store, 'config', (bytes) => flip(bytes, 5)),
    kind: 'damage',
    what: /config is missing or damaged/,
    mended: true,
  },
  {
    name: 'an empty list of packs, and a flipped bit in the largest pack',
    spoil: async (store, archive) => {
      await spoilObject(store, await at(store, archive, 'content/ana/None/Web Map/Map/item.json'));
      await spoilObject(store, await at(store, archive, 'content/ana/None/PDF/Flyer/item.json'));
      await spoil(store, infoPacks, () => Buffer.from('\n'));
    },
    kind: 'damage',
    what: /lists no pack/,
    mended: true,
    hides: true,
  },
  {
    name: 'a damaged run record',
    spoil: async (store) => {
      const records = await Array.fromAsync(store.list('ago-backup/runs/'), ({ name }) => name);
      await store.copy(records[0] ?? assert.fail(), records[1] ?? assert.fail());
    },
    kind: 'notice',
    what: /run record .* is damaged/,
    mended: true,
  },
  {
    name: 'an info/refs with the bytes of an index',
    spoil: async (store) => store.copy(indexOfPack(await newest(store)), infoRefs),
    kind: 'notice',
    what: /does not tell where the branch is/,
    mended: true,
  },
  {
    name: 'a missing HEAD',
    spoil: async (store) => store.delete('HEAD'),
    kind: 'damage',
    what: /HEAD is missing/,
    mended: true,
  },
  {
    name: 'a missing config',
    spoil: async (store) => store.delete('config'),
    kind: 'damage',
    what: /config is missing/,
    mended: true,
  },
  {
    name: 'a stale info/refs',
    spoil: async (store) => spoil(store, infoRefs, () => Buffer.from(`${'b'.repeat(40)}\t${branch}\n`)),
    kind: 'notice',
    what: /does not tell where the branch is/,
    mended: true,
  },
  {
    name: 'a pack that nobody lists',
    spoil: async (store) => store.put(`${allPacks}pack-${'c'.repeat(40)}.pack`, Buffer.from('PACK')),
    kind: 'notice',
    what: /is in no list/,
    mended: false,
  },
  {
    name: 'a damaged Git LFS object that no commit names',
    spoil: async (store) => store.put(largeName('ab'.repeat(32)), Buffer.from('something else')),
    kind: 'notice',
    what: /Git LFS object (ab){32} is damaged, and no commit names it/,
    mended: false,
  },
  {
    name: 'two Git LFS objects that no commit names any more, each under the name of the other',
    spoil: async (store) => {
      const [a, b] = ['a', 'b'].map((text) => Buffer.from(text)) as [Buffer, Buffer];
      await store.put(ownName(a), b);
      await store.put(ownName(b), a);
    },
    kind: 'notice',
    what: /is damaged, and no commit names it/,
    mended: true,
  },
  {
    name: 'a damaged pack that nobody lists',
    spoil: async (store) => {
      const [from, to] = [await newest(store), 'c'.repeat(40)];
      await store.copy(indexOfPack(from), indexOfPack(to));
      await store.copy(packName(from), packName(to));
      await spoil(store, packName(to), flip);
    },
    kind: 'notice',
    what: /is in no list, and damaged/,
    mended: true,
  },
  {
    name: 'a derived index out of step',
    spoil: async (store, archive) =>
      store.put(indexName(await at(store, archive, 'content/ana')), Buffer.from('{"format":1,"items":[]}')),
    kind: 'notice',
    what: /derived index of ana is out of step/,
    mended: true,
  },
];

const ownName = (bytes: Buffer) => largeName(createHash('sha256').update(bytes).digest('hex'));

/** A Git LFS object that no commit names. */
export async function addOrphan(store: BlobStore): Promise<void> {
  const bytes = Buffer.from('left by a killed run');
  await store.put(ownName(bytes), bytes);
}
