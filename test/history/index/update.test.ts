import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Archive } from '../../../lib/archive/archive.ts';
import { manifestBytes } from '../../../lib/archive/item-manifest.ts';
import { allHistory } from '../../../lib/archive/layout.ts';
import { openRepository } from '../../../lib/archive/repository.ts';
import { confirm, WrongIndex } from '../../../lib/history/confirm.ts';
import { History, type State } from '../../../lib/history/history.ts';
import { listItems } from '../../../lib/history/list.ts';
import { versionAt } from '../../../lib/history/version-at.ts';
import { segmentName } from '../../../lib/history/index/segment.ts';
import { listSegments, readSegment, writeSegment } from '../../../lib/history/index/segments.ts';
import { updateIndex } from '../../../lib/history/index/update.ts';
import { readHistory } from '../../../lib/history/read-history.ts';
import { mergePacks } from '../../../lib/upkeep/maintain/merge-packs.ts';
import { verify } from '../../../lib/upkeep/verify/verify.ts';
import { namesOf } from '../../../lib/storage/json-blobs.ts';
import { commitNext, countedNames, newArchive, testClock, type Files } from '../../archive/archive.ts';
import { seeded } from '../../support/random.ts';
import { counting } from '../../support/stores/counting.ts';

/** What changes on a day of a small archive: edits, moves, copies under another owner, removals, damaged manifests. */
function dayOf(random: () => number, paths: Map<string, string>): Files {
  const files: Files = {};
  for (let n = 0; n < 4; n++) {
    const id = `item${Math.floor(random() * 8)}`;
    const owner = random() < 0.5 ? 'ana' : 'ben';
    const path = `content/${owner}/None/PDF/${id} ${Math.floor(random() * 3)}`;
    const old = paths.get(id);
    if (old !== undefined && old !== path && random() < 0.8) {
      for (const name of ['backup.json', 'data.txt', 'item.json']) files[`${old}/${name}`] = null;
      paths.delete(id);
    }
    if (random() < 0.25) continue;
    const record = {
      format: 1 as const,
      id,
      owner,
      folder: 'None',
      folderId: null,
      type: 'PDF',
      title: id,
      stamp: '1',
    };
    const bytes = manifestBytes({ ...record, parts: [], uses: [`${n}`], notes: [] });
    files[`${path}/backup.json`] = random() < 0.1 ? 'spoiled' : bytes;
    files[`${path}/data.txt`] = `${random()}`;
    // One has a record that is none.
    const tags = [` tag ${Number(id.at(-1)) % 3} `, '', 7];
    files[`${path}/item.json`] = id === 'item7' ? 'spoiled' : JSON.stringify({ tags });
    paths.set(id, path);
  }
  return files;
}

const untagged = (state: State | undefined) => state && { ...state, tags: undefined };

/** The history as its commits tell it, and as the index does. */
async function bothOf({ store }: Archive) {
  const open = () => ({ store, repository: openRepository(store, { random: countedNames('x'), clock: testClock() }) });
  const plain = ({ commits, damages }: Awaited<ReturnType<typeof readHistory>>) => ({
    damages,
    // Tags are told by the index alone, for no backup.json has them.
    commits: commits.map(({ oid, changes }) => ({
      oid,
      changes: [...changes].map(([id, { before, after }]) => [id, untagged(before), untagged(after)]),
    })),
  });
  return { told: plain(await readHistory(open())), read: plain(await readHistory(open(), new Map())) };
}

/** What `repair` would do about what `verify` finds of the history index. */
async function findingsOf({ store }: Archive): Promise<string[]> {
  const { findings } = await verify(store, { from: 0, to: 0 });
  const steps = findings.filter(({ what }) => what.includes(allHistory)).map(({ mend }) => mend);
  return steps.map((mend) => (mend?.do === 'aside' ? `aside ${mend.name}` : `${mend?.do}`));
}

const segmentsOf = ({ store }: Archive) => Array.fromAsync(namesOf(store.list(allHistory)));

test('the history index tells what the commits tell, costs a run few requests, and stays few segments', async () => {
  const archive = await newArchive('index');
  const random = seeded(17);
  const paths = new Map<string, string>();
  const names = countedNames('merged');
  for (let day = 0; day < 80; day++) {
    await commitNext(archive.store, archive.repository, dayOf(random, paths), `Backup ${day}\n\nRun-Id: ${day}\n`);
    // Some days nobody tidies up.
    if (random() < 0.1) continue;
    await mergePacks(archive.store, { random: names });
    const { store, requests } = counting(archive.store);
    const added = await updateIndex({ store });
    // Branch, list of packs, listing, segment; and of each pack that holds a folder its index, a piece, the whole.
    const packs = new Set(requests.log.map(({ name }) => name).filter((name) => name.endsWith('.idx')));
    const isPlain = added === 1 && !requests.log.some(({ verb }) => verb === 'delete');
    if (isPlain) assert.ok(requests.total <= 4 + 3 * packs.size, `${requests.total} requests, ${packs.size} packs`);
  }
  await updateIndex(archive);
  assert.equal(await updateIndex(archive), 0);
  assert.ok((await segmentsOf(archive)).length <= 16);
  const { told, read } = await bothOf(archive);
  // What is looked up item by item is what replaying every commit tells.
  const history = await readHistory(archive);
  const replayed = new History(history.commits);
  assert.ok(history.timeline);
  for (const commit of history.commits.filter((_commit, n) => n % 7 === 0)) {
    const [quick, slow] = [history.latest(commit), replayed.latest(commit)];
    assert.deepEqual(new Map([...quick].sort()), new Map([...slow].sort()));
    for (const id of slow.keys()) assert.deepEqual(history.versions(id, commit), replayed.versions(id, commit));
  }
  assert.equal(read.commits.length, 80);
  assert.deepEqual(told, read);
  // By their tags items are found alike with the index, and where it does not tell.
  const bearing = async (tag: string, all: History) => {
    const filter = { users: [], folders: [], types: [], tags: [tag], deleted: undefined, limit: 100 };
    const { items } = await listItems(archive, all, { ...filter, sort: 'path', at: { is: 'latest' } });
    return items.map(({ itemId }) => itemId);
  };
  const unread = await readHistory(archive, new Map());
  for (const tag of ['tag 0', 'TAG 1', 't*', 'tag', '7'])
    assert.deepEqual(await bearing(tag, history), await bearing(tag, unread), tag);
  const [all, one, none] = [
    await bearing('tag*', history),
    await bearing('tag 1', history),
    await bearing('7', history),
  ];
  assert.ok(one.length > 0 && all.length > one.length && none.length === 0);
  const { store, requests } = counting(archive.store);
  await readHistory({ store, repository: openRepository(store, { random: countedNames('y'), clock: testClock() }) });
  assert.ok(requests.total <= 30, `${requests.total} requests`);
});

test('a segment that is cut, flipped, swapped, emptied or lost is not believed, and made again', async () => {
  const archive = await newArchive('damage');
  const random = seeded(4);
  const paths = new Map<string, string>();
  for (let day = 0; day < 10; day++) {
    await commitNext(archive.store, archive.repository, dayOf(random, paths), `Backup ${day}\n\nRun-Id: ${day}\n`);
    if (day % 2 === 0) await updateIndex(archive);
  }
  await updateIndex(archive);
  const { read } = await bothOf(archive);
  const names = await segmentsOf(archive);
  assert.ok(names.length > 2);
  const bytesOf = async (name: string) => (await archive.store.get(name))?.bytes ?? Buffer.alloc(0);
  for (const [n, name] of names.entries()) {
    const bytes = await bytesOf(name);
    const other = await bytesOf(names[(n + 1) % names.length] ?? '');
    const flipped = Buffer.from(bytes);
    flipped[bytes.length >> 1] = (flipped[bytes.length >> 1] ?? 0) ^ 1;
    for (const spoiled of [bytes.subarray(0, bytes.length >> 1), flipped, other, Buffer.alloc(0)]) {
      await archive.store.put(name, spoiled);
      assert.deepEqual(await findingsOf(archive), [`aside ${name}`]);
      assert.deepEqual((await bothOf(archive)).told, read);
    }
    await archive.store.delete(name);
    assert.deepEqual((await bothOf(archive)).told, read);
    assert.ok((await updateIndex(archive)) > 0, name);
    assert.equal(await updateIndex(archive), 0);
  }
  const head = await archive.repository.head();
  const segment = (await listSegments(archive.store)).find(({ newest: oid }) => oid === head?.commit);
  assert.ok(segment);
  const commits = await readSegment(archive.store, segment);
  const [newest, ...older] = commits ?? [];
  assert.ok(newest);
  await archive.store.delete(allHistory + segmentName(segment));
  // Whole, and a lie: it keeps a change to itself.
  const lie = await writeSegment(
    archive.store,
    [{ ...newest, folders: newest.folders.slice(1) }, ...older],
    segment.total,
  );
  assert.deepEqual(await findingsOf(archive), [`aside ${allHistory}${segmentName(lie)}`]);
  await archive.store.delete(allHistory + segmentName(lie));
  // So is another name for an item, or other uses of it: who lists it does not believe the name.
  for (const other of [
    { title: 'Another' },
    { owner: 'eve' },
    { uses: { names: ['x'.repeat(32)] } },
    { tags: ['x'] },
  ]) {
    const lies = newest.folders.map((folder) => ({ ...folder, facts: folder.facts && { ...folder.facts, ...other } }));
    const told = await writeSegment(archive.store, [{ ...newest, folders: lies }, ...older], segment.total);
    assert.deepEqual(await findingsOf(archive), [`aside ${allHistory}${segmentName(told)}`]);
    const all = { users: [], folders: [], types: [], deleted: undefined, sort: 'path' as const, limit: 100 };
    const listing = listItems(archive, await readHistory(archive), { ...all, at: { is: 'latest' } });
    if ('uses' in other || 'tags' in other) await listing;
    else await assert.rejects(listing, WrongIndex);
    await archive.store.delete(allHistory + segmentName(told));
  }
  const folders = newest.folders.map((folder) => ({ ...folder, tree: folder.tree && newest.tree }));
  const other = await writeSegment(archive.store, [{ ...newest, folders }, ...older], segment.total);
  const history = await readHistory(archive);
  const [id] = [...history.latest()].find(([, { commit, after }]) => commit.oid === newest.oid && after) ?? [];
  await assert.rejects(confirm(archive, versionAt(history, id ?? '', { is: 'latest' })), WrongIndex);
  await archive.store.delete(allHistory + segmentName(other));
  await updateIndex(archive);
  assert.deepEqual(await findingsOf(archive), []);
  await archive.store.put(`${allHistory}what is this`, Buffer.from('?'));
  assert.deepEqual((await bothOf(archive)).told, read);
});
