import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allIndexes, largeName } from '../../../lib/archive/layout.ts';
import { fetchIndex } from '../../../lib/git/pack/packs.ts';
import { openRepository } from '../../../lib/archive/repository.ts';
import { counting } from '../../support/stores/counting.ts';
import { MemoryStore } from '../../../lib/storage/memory.ts';
import { newBackup } from '../../support/backup.ts';
import { VirtualClock } from '../../support/clock.ts';
import { Organization } from '../../support/portal/organization.ts';
import { flip, listedPacks, spoil, spoilObject } from '../../support/spoil.ts';

const clock = new VirtualClock();

/** The newest commit's object at a path, by a reader that knows nothing yet. */
async function at(store: MemoryStore, path: string) {
  const repository = openRepository(store, { random: () => '0'.repeat(40), clock });
  const head = (await repository.head()) ?? assert.fail('no commit');
  const oid = (await repository.treeAt(head.tree, path)) ?? assert.fail(path);
  return { oid, read: () => repository.blob(oid), list: () => repository.tree(oid), commit: head.commit };
}

test('an item asked for by name and with force mends what the archive has damaged of it, without a commit', async (t) => {
  const org = new Organization();
  const { record: flyer } = org.addItem({ owner: 'backup', type: 'PDF', title: 'Flyer', file: 'flyer.pdf' });
  org.addItem({ owner: 'backup', type: 'Web Map', title: 'Map', json: { n: 1 } });
  const store = new MemoryStore({ clock });
  const { run } = await newBackup(t, { org, store, settings: { BACKUP_LFS_THRESHOLD: '1024' } });
  await run();
  const folder = 'content/backup/None/PDF/Flyer';
  const { commit, read } = await at(store, `${folder}/flyer.pdf`);
  const large = largeName(/sha256:([0-9a-f]{64})/.exec((await read()).toString())?.[1] ?? '');
  const whole = (await store.get(large))?.bytes;
  await spoil(store, large, flip);
  for (const path of [`${folder}/item.json`, folder]) await spoilObject(store, (await at(store, path)).oid);
  await assert.rejects(async () => (await at(store, `${folder}/item.json`)).read(), { code: 'STORE_DAMAGED' });

  const record = await run({ items: [flyer.id], force: true });
  assert.deepEqual([record.outcome, record.unchanged, record.commit], ['complete', 1, null]);
  assert.deepEqual((await store.get(large))?.bytes, whole);
  const mended = await at(store, `${folder}/item.json`);
  assert.equal((JSON.parse((await mended.read()).toString()) as { id: string }).id, flyer.id);
  assert.equal(mended.commit, commit);
  const packs = await listedPacks(store);
  await run({ items: [flyer.id], force: true });
  assert.deepEqual(await listedPacks(store), packs, 'what is sound is not packed again');
});

test('a night on which small files are read again packs only what has changed', async (t) => {
  const org = new Organization();
  const ids = Array.from({ length: 10 }, (_, n) =>
    org.addItem({ owner: 'backup', type: 'Web Map', title: `Map ${n}`, json: { n } }),
  ).map(({ record }) => record.id);
  const store = new MemoryStore({ clock: new VirtualClock() });
  const { run, clock } = await newBackup(t, { org, store, settings: { BACKUP_RECHECK_DAYS: '1' } });
  await run();
  clock.advance(2 * 86_400_000);
  org.editItem(ids[0] ?? '', { snippet: 'edited' });
  await run();
  const [newest = ''] = await listedPacks(store);
  // A commit, the trees from the root to the item, and the files of one item.
  const objects = (await fetchIndex(store, newest)).count;
  assert.ok(objects < 20, `${objects} objects for one item`);
});

test('the last step reads the index of a member once more only where something has changed', async (t) => {
  const org = new Organization();
  const names = Array.from({ length: 6 }, (_, n) => `member${n}`);
  const ids = names.map((owner, n) => {
    org.addMember(owner);
    return org.addItem({ owner, type: 'Web Map', title: `Map ${n}`, json: { n } }).record.id;
  });
  const { store, requests } = counting(new MemoryStore({ clock }));
  const { run } = await newBackup(t, { org, store });
  await run();
  org.editItem(ids[0] ?? '', { snippet: 'edited' });
  const before = requests.log.length;
  assert.equal((await run()).changed, 1);
  const read = requests.log.slice(before).filter(({ verb, name }) => verb === 'get' && name.startsWith(allIndexes));
  assert.equal(read.length, names.length + 1);
});
