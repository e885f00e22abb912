import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { branch, infoPacks, looseName, packName } from '../../../lib/git/layout.ts';
import { mergePacks } from '../../../lib/upkeep/maintain/merge-packs.ts';
import { repair } from '../../../lib/upkeep/repair/repair.ts';
import { decodeState, encodeState } from '../../../lib/upkeep/verify/state-bytes.ts';
import { newState } from '../../../lib/upkeep/verify/state.ts';
import { verify, type Verdict } from '../../../lib/upkeep/verify/verify.ts';
import type { MemoryStore } from '../../../lib/storage/memory.ts';
import { flip, listedPacks, spoil, spoilObject } from '../../support/spoil.ts';
import { damages } from '../damages.ts';
import { repairOver } from '../repair/repair-over.ts';
import { smallArchive } from '../small-archive.ts';
import { verifyInParts } from './in-parts.ts';

const everything = { from: 0, to: 1 };
const isLong = process.env['LONG'] !== undefined;
const archive = smallArchive();

const sentences = ({ findings }: Verdict) => findings.map(({ what }) => what).sort();
const counts = ({ commits, trees, files, items, parts, read, readBytes, orphans }: Verdict) => [
  ...[commits, trees, files, items, parts, read, readBytes],
  orphans,
];

/** Packs are merged from 21 on; of fewer they are made as many. */
async function manyPacks(store: MemoryStore): Promise<void> {
  const list = (await store.get(infoPacks))?.bytes.toString() ?? assert.fail();
  const [first = ''] = list.split('\n');
  for (let n = 0; n < 20; n++) {
    const name = String(n).padStart(40, 'e');
    for (const ending of ['pack', 'idx']) {
      const from = first.slice(2).replace(/pack$/, ending);
      await store.copy(`objects/pack/${from}`, `objects/pack/pack-${name}.${ending}`);
    }
    await store.put(
      infoPacks,
      Buffer.from(`${(await store.get(infoPacks))?.bytes.toString().trim()}\nP pack-${name}.pack\n`),
    );
  }
}

for (const { name, spoil: harm } of damages.filter((_, n) => isLong || n % 6 === 0))
  test(`${name}: in parts as in one, each finding once, whenever the worker is killed`, async () => {
    const store = archive.store.snapshot();
    await harm(store, archive);
    const whole = await verify(store, everything);
    const { verdict } = await verifyInParts(store, {
      most: isLong ? 1 : 3,
      isKilled: (part) => isLong || part % 3 === 0,
    });
    assert.deepEqual(sentences(verdict), sentences(whole));
    assert.deepEqual({ ...verdict, findings: [] }, { ...whole, findings: [] });
  });

test('a sound archive takes as many parts as it has things, and nothing of it is kept but bits and cursors', async () => {
  const whole = await verify(archive.store, everything);
  const { verdict, parts, largest } = await verifyInParts(archive.store);
  assert.deepEqual(verdict, whole);
  assert.ok(parts > 60, `${parts} parts`);
  // The walk holds at most the folders beside its way.
  assert.ok(largest < 8000, `${largest} bytes`);
});

test('a backup, a merge and what a merge replaced being swept, between any two parts, are neither damage nor passed over', async () => {
  const whole = await verify(archive.store, everything);
  const { parts } = await verifyInParts(archive.store, { most: 4 });
  for (let at = 1; at < parts; at += isLong ? 1 : 11) {
    const store = archive.store.snapshot();
    const changes = async (part: number) => {
      if (part === at) await archive.run(store, { force: true, items: [archive.flyer] });
      if (part === at + 1) await manyPacks(store);
      if (part !== at + 2) return;
      const before = await listedPacks(store);
      const merged = await mergePacks(store, { random: () => 'f'.repeat(40) });
      assert.ok(merged);
      const now = await listedPacks(store);
      for (const name of before.filter((each) => !now.includes(each)))
        for (const ending of ['idx', 'pack']) await store.delete(`objects/pack/pack-${name}.${ending}`);
    };
    const { verdict } = await verifyInParts(store, { most: 4, between: changes });
    assert.deepEqual(sentences(verdict), [], `at ${at}`);
    assert.deepEqual(counts(verdict).slice(0, 5), counts(whole).slice(0, 5), `at ${at}`);
    assert.equal(verdict.commit, whole.commit);
  }
});

test('damage that comes to what was read already is found, and a pack that comes meanwhile is read', async () => {
  const { parts } = await verifyInParts(archive.store, { most: 4 });
  for (let at = 1; at < parts - 1; at += isLong ? 1 : 13) {
    const store = archive.store.snapshot();
    const [pack = ''] = await listedPacks(store);
    const harm = async (part: number) => part === at && spoil(store, packName(pack), (bytes) => flip(bytes, 40));
    const { verdict } = await verifyInParts(store, { most: 4, between: harm });
    assert.match(sentences(verdict).join('\n'), /pack is damaged: /, `at ${at}`);

    const other = archive.store.snapshot();
    const come = async (part: number) => {
      if (part !== at) return;
      await manyPacks(other);
      await spoil(other, packName(String(7).padStart(40, 'e')), (bytes) => flip(bytes, 40));
    };
    const found = sentences((await verifyInParts(other, { most: 4, between: come })).verdict);
    assert.equal(found.filter((what) => /e7\.pack is damaged: /.test(what)).length, 1, `at ${at}`);
  }
});

test('what was mended between two parts is no damage any more', async () => {
  const { tree } = await archive.head(archive.store);
  const lost = (await archive.repository(archive.store).treeAt(tree, 'content/ana/None/PDF/Flyer')) ?? assert.fail();
  for (const most of isLong ? [2, 4, 10, 30, 60] : [20]) {
    const store = archive.store.snapshot();
    await spoilObject(store, lost);
    for await (const { name } of store.list('lfs/')) await spoil(store, name, flip);
    let isMended = false;
    const mend = async (_part: number, { walk }: { walk: { found: { findings: unknown[] } } }) => {
      if (isMended || walk.found.findings.length === 0) return;
      isMended = true;
      for await (const { name } of store.list('lfs/')) await spoil(store, name, flip);
      await repair(repairOver(archive, store));
    };
    const { verdict } = await verifyInParts(store, { most, between: mend });
    assert.ok(isMended);
    assert.deepEqual(
      verdict.findings.filter(({ kind }) => kind === 'damage'),
      [],
      `${most}`,
    );
  }
});

test('where the history was rewritten between two parts, the new one is verified', async () => {
  const store = archive.store.snapshot();
  const { commit, parent = '' } = await archive.head(store);
  const { verdict } = await verifyInParts(store, {
    most: 10,
    between: async (part) => part === 5 && store.put(branch, Buffer.from(`${parent}\n`)),
  });
  assert.notEqual(verdict.commit, commit);
  assert.equal(verdict.commit, parent);
  assert.equal(verdict.commits, 2);
});

test('where the latest commit comes back just when it was missed, all of the history is verified', async () => {
  const whole = await verify(archive.store, everything);
  const store = archive.store.snapshot();
  const { commit } = await archive.head(store);
  const full = (await store.get(infoPacks))?.bytes ?? assert.fail();
  await store.put(infoPacks, Buffer.from(full.toString().replace(/^P .*\n/, '')));
  const get = store.get.bind(store);
  store.get = async (name, range) => {
    const found = await get(name, range);
    if (name === looseName(commit)) await store.put(infoPacks, full);
    return found;
  };
  const { verdict } = await verifyInParts(store);
  assert.deepEqual(counts(verdict), counts(whole));
  assert.deepEqual(sentences(verdict), []);
});

test('how far a verification came is not believed where it is damaged or of another version', () => {
  const state = newState(everything, [], 'a'.repeat(40));
  assert.deepEqual(decodeState(encodeState(state)), state);
  const bytes = encodeState(state);
  for (const spoiled of [flip(Buffer.from(bytes)), bytes.subarray(0, -1), Buffer.alloc(0)])
    assert.equal(decodeState(spoiled), undefined);
  assert.equal(decodeState(encodeState({ ...state, format: 2 as 1 })), undefined);
  // As a newer Node writes it: https://nodejs.org/api/v8.html#serialization-api
  const body = Buffer.concat([Buffer.from([0xff, 0xf0]), bytes.subarray(34)]);
  const newer = Buffer.concat([createHash('sha256').update(body).digest(), body]);
  assert.equal(decodeState(newer), undefined);
});
