import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { allPacks, branch, indexName, infoPacks, infoRefs } from '../../lib/git/layout.ts';
import { MemoryStore } from '../../lib/storage/memory.ts';
import type { BlobStore } from '../../lib/storage/blob-store.ts';
import { shareOf, verify } from '../../lib/verify/verify.ts';
import { newBackup } from '../support/backup.ts';
import { VirtualClock } from '../support/clock.ts';
import { demoChanges, demoOrganization } from '../support/demo-organization.ts';
import { openRepository } from '../../lib/git/repository.ts';

const clock = new VirtualClock();
const random = () => '0'.repeat(40);
const everything = { from: 0, to: 1 };

async function archive(t: TestContext): Promise<BlobStore> {
  const store = new MemoryStore({ clock });
  const { run, portal } = await newBackup(t, {
    org: demoOrganization(),
    store,
    settings: { BACKUP_LFS_THRESHOLD: '4096' },
  });
  await run();
  demoChanges(portal.org);
  await run();
  return store;
}

async function named(store: BlobStore, prefix: string, ending = ''): Promise<string> {
  for await (const { name } of store.list(prefix)) if (name.endsWith(ending)) return name;
  return assert.fail(`nothing at ${prefix}`);
}

async function spoil(store: BlobStore, name: string, change: (bytes: Buffer) => Buffer): Promise<void> {
  const blob = (await store.get(name)) ?? assert.fail(name);
  await store.put(name, change(Buffer.from(blob.bytes)));
}

const flip = (bytes: Buffer) => {
  const at = Math.floor(bytes.length / 2);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  return bytes;
};

test('an archive of two runs is sound, every Git LFS object read', async (t) => {
  const store = await archive(t);
  const verdict = await verify({ store, clock, random }, everything);
  assert.deepEqual(verdict.findings, []);
  assert.deepEqual([verdict.commits, verdict.items], [2, 58]);
  assert.ok(verdict.read > 3 && verdict.trees > 100);
});

type Damage = [name: string, spoil: (store: BlobStore) => Promise<unknown>, kind: 'damage' | 'notice', what: RegExp];

const damages: Damage[] = [
  [
    'a flipped bit in a pack',
    async (store) => spoil(store, await named(store, allPacks, '.pack'), flip),
    'damage',
    /checksum does not hold/,
  ],
  [
    'a truncated pack',
    async (store) => spoil(store, await named(store, allPacks, '.pack'), (bytes) => bytes.subarray(0, -30)),
    'damage',
    /checksum does not hold/,
  ],
  [
    'a missing pack',
    async (store) => store.delete(await named(store, allPacks, '.pack')),
    'damage',
    /\.pack is missing/,
  ],
  [
    'a missing index',
    async (store) => store.delete(await named(store, allPacks, '.idx')),
    'damage',
    /\.idx is missing or damaged/,
  ],
  [
    'a flipped bit in an index',
    async (store) => spoil(store, await named(store, allPacks, '.idx'), flip),
    'damage',
    /\.idx is missing or damaged/,
  ],
  ['an empty list of packs', async (store) => spoil(store, infoPacks, () => Buffer.from('\n')), 'damage', /missing/],
  [
    'a branch that points nowhere',
    async (store) => spoil(store, branch, () => Buffer.from(`${'a'.repeat(40)}\n`)),
    'damage',
    /points nowhere/,
  ],
  [
    'a branch that is no id',
    async (store) => spoil(store, branch, () => Buffer.from('main')),
    'damage',
    /points nowhere/,
  ],
  [
    'a missing Git LFS object',
    async (store) => store.delete(await named(store, 'lfs/')),
    'damage',
    /Git LFS object [0-9a-f]{64} is missing/,
  ],
  [
    'a short Git LFS object',
    async (store) => spoil(store, await named(store, 'lfs/'), (bytes) => bytes.subarray(1)),
    'damage',
    /bytes instead of/,
  ],
  [
    'a flipped bit in a Git LFS object',
    async (store) => spoil(store, await named(store, 'lfs/'), flip),
    'damage',
    /Git LFS object is damaged/,
  ],
  ['a missing HEAD', async (store) => store.delete('HEAD'), 'damage', /no HEAD/],
  ['a missing config', async (store) => store.delete('config'), 'damage', /config is missing/],
  [
    'a stale info/refs',
    async (store) => spoil(store, infoRefs, () => Buffer.from(`${'b'.repeat(40)}\t${branch}\n`)),
    'notice',
    /does not tell where the branch is/,
  ],
  [
    'a pack that nobody lists',
    async (store) => store.put(`${allPacks}pack-${'c'.repeat(40)}.pack`, Buffer.from('PACK')),
    'notice',
    /is in no list/,
  ],
  ['a derived index out of step', derivedOutOfStep, 'notice', /derived index of ana is out of step/],
];

async function derivedOutOfStep(store: BlobStore): Promise<void> {
  const repository = openRepository(store, { random, clock });
  const head = (await repository.head()) ?? assert.fail();
  const tree = (await repository.treeAt(head.tree, 'content/ana')) ?? assert.fail();
  await store.put(indexName(tree), Buffer.from('{"format":1,"items":[]}'));
}

for (const [name, change, kind, what] of damages) {
  test(`${name} is found, with its cure`, async (t) => {
    const store = await archive(t);
    await change(store);
    const { findings } = await verify({ store, clock, random }, everything);
    const found = findings.find((finding) => what.test(finding.what));
    assert.ok(found, findings.map((finding) => finding.what).join('\n'));
    assert.equal(found.kind, kind);
    assert.match(found.cure, /\.$/);
    if (kind === 'notice') assert.ok(findings.every((finding) => finding.kind === 'notice'));
  });
}

test('a share rotates so that all is read in turn', () => {
  const day = 86_400_000;
  const shares = Array.from({ length: 20 }, (_, n) => shareOf(5, n * day));
  assert.deepEqual(
    [...new Set(shares.map(({ from }) => Math.round(from * 20)))].sort((a, b) => a - b),
    Array.from({ length: 20 }, (_, n) => n),
  );
  assert.deepEqual(shareOf(100, 0), everything);
  assert.deepEqual(shareOf(0, 0), { from: 0, to: 0 });
});
