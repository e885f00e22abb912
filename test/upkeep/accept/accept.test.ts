import assert from 'node:assert/strict';
import { test } from 'node:test';
import { acceptedName, largeName } from '../../../lib/archive/layout.ts';
import { isCode } from '../../../lib/errors.ts';
import type { BlobStore } from '../../../lib/storage/blob-store.ts';
import { accept, revoke } from '../../../lib/upkeep/accept/accept.ts';
import { repair } from '../../../lib/upkeep/repair/repair.ts';
import { soundness, verdictLines } from '../../../lib/upkeep/verify/report.ts';
import { verify } from '../../../lib/upkeep/verify/verify.ts';
import { flip, spoil, spoilObject } from '../../support/spoil.ts';
import { flyer, old } from '../damages.ts';
import { repairOver } from '../repair/repair-over.ts';
import { smallArchive } from '../small-archive.ts';

const archive = smallArchive();
const code = 'STORE_DAMAGED';
const reason = 'The flyers of 2015 are in the basement.';

/** A copy of the archive that has lost a Git LFS object which only older commits need. */
async function withLoss() {
  const store = archive.store.snapshot();
  const lost = await old(store, archive);
  const bytes = (await store.get(lost))?.bytes ?? assert.fail();
  await store.delete(lost);
  return { store, lost, bytes, object: lost.slice(-64) };
}

async function acceptAll(store: BlobStore, ...objects: string[]) {
  return accept({ store, clock: archive.clock }, { code, objects, reason });
}

async function outcome(store: BlobStore, share = { from: 0, to: 1 }) {
  return soundness(await verify(store, share));
}

async function names(store: BlobStore): Promise<string[]> {
  return Array.fromAsync(store.list('ago-backup/accepted/'), ({ name }) => name);
}

test('a lost old file that is accepted alarms no more, stays in every report with its reason, and alarms once revoked', async () => {
  const { store, object } = await withLoss();
  assert.equal(await outcome(store), 'damaged');
  await acceptAll(store, object);
  for (const share of [
    { from: 0, to: 1 },
    { from: 0, to: 0 },
  ]) {
    const verdict = await verify(store, share);
    assert.equal(soundness(verdict), 'sound');
    assert.deepEqual(
      verdict.accepted.map(({ loss, reason: told }) => [loss?.object, told]),
      [[object, reason]],
    );
    const day = new Date(archive.clock.now()).toISOString().slice(0, 10);
    assert.match(
      verdictLines(verdict).join('\n'),
      new RegExp(
        `accepted {2}The Git LFS object ${object} is missing .*\n +since ${day}: ${reason}[^]*accepted loss\\.$`,
      ),
    );
  }
  await revoke(store, [object]);
  assert.deepEqual([await outcome(store), await names(store)], ['damaged', []]);
});

test('an acceptance hides no other damage, and none of the same file once it is damaged in another way', async () => {
  const { store, lost, bytes, object } = await withLoss();
  await acceptAll(store, object);
  const another = store.snapshot();
  await another.delete(await flyer(another, archive));
  assert.equal(await outcome(another), 'damaged');
  for (const spoiled of [bytes.subarray(1), flip(Buffer.from(bytes))]) {
    await store.put(lost, spoiled);
    const { findings } = await verify(store, { from: 0, to: 1 });
    assert.equal(soundness({ findings }), 'damaged');
    assert.match(findings[0]?.cure ?? '', /^It is not what was accepted on /);
    await acceptAll(store, object);
    assert.equal(await outcome(store), 'sound');
  }
});

test('an acceptance of what is whole again is named, and a repair takes it away before it hides the next loss', async () => {
  const { store, lost, bytes, object } = await withLoss();
  await acceptAll(store, object);
  await store.put(lost, bytes);
  const { findings } = await verify(store, { from: 0, to: 1 });
  assert.match(findings[0]?.what ?? '', /is accepted as lost, and no loss of it is found any more/);
  assert.deepEqual([findings.length, soundness({ findings })], [1, 'untidy']);
  const { after } = await repair(repairOver(archive, store));
  assert.equal(soundness(after), 'sound');
  await store.delete(lost);
  assert.equal(await outcome(store), 'damaged');
});

const spoilings: Record<string, (bytes: Buffer) => Buffer> = {
  'is empty': () => Buffer.alloc(0),
  'is cut': (bytes) => bytes.subarray(0, -20),
  'is no object': () => Buffer.from('null'),
  'names another state': (bytes) => Buffer.from(bytes.toString().replace('"missing"', '"is gone"')),
  'has another reason': (bytes) => Buffer.from(bytes.toString().replace('basement', 'cellar')),
  'is of another object': (bytes) => Buffer.from(bytes.toString().replaceAll(/"object": "../g, '"object": "zz')),
};

test('an acceptance that is spoiled anywhere is not believed, is named, and is put aside by a repair', async () => {
  const { store, object } = await withLoss();
  await acceptAll(store, object);
  for (const [how, change] of Object.entries(spoilings)) {
    const spoiled = store.snapshot();
    await spoil(spoiled, acceptedName(object), change);
    const { findings, accepted } = await verify(spoiled, { from: 0, to: 1 });
    assert.deepEqual([soundness({ findings }), accepted], ['damaged', []], how);
    assert.ok(
      findings.some(({ what }) => what === `${acceptedName(object)} is damaged: nothing is accepted by it.`),
      how,
    );
  }
  const other = largeName('ab'.repeat(32)).slice(-64);
  await store.copy(acceptedName(object), acceptedName(other));
  const { after } = await repair(repairOver(archive, store));
  assert.deepEqual([soundness(after), await names(store)], ['sound', [acceptedName(object)]]);
});

test('what the latest commit needs, what can be mended, what is whole and what is no id is not accepted, nor anything beside it', async () => {
  const { store, object } = await withLoss();
  const current = (await flyer(store, archive)).slice(-64);
  await store.delete(largeName(current));
  const { tree, commit } = await archive.head(store);
  const map = (await archive.repository(store).treeAt(tree, 'content/ana/None/Web Map/Map/item.json')) ?? assert.fail();
  await spoilObject(store, map);
  for (const wrong of [current, map, commit, 'ab'.repeat(32), '../../HEAD', ''])
    await assert.rejects(acceptAll(store, object, wrong), (error) => isCode(error, 'USAGE'), wrong);
  const told = { code: 'ITEM_GONE', objects: [object], reason };
  await assert.rejects(accept({ store, clock: archive.clock }, told), /has no gap ITEM_GONE in the latest commit/);
  await assert.rejects(accept({ store, clock: archive.clock }, { ...told, code, reason: ' \n' }), /reason is empty/);
  await assert.rejects(revoke(store, ['../running']), /is not accepted/);
  assert.deepEqual(await names(store), []);
});

test('damaged history that no copy mends is accepted object by object, and the next object of the same pack is damage', async () => {
  const store = archive.store.snapshot();
  const head = await archive.head(store);
  const repository = archive.repository(store);
  const path = 'content/ana/None/Web Map/Map/item.json';
  const { tree: older } = (await repository.parent(head)) ?? assert.fail();
  const file = (await repository.treeAt(older, path)) ?? assert.fail();
  assert.notEqual(file, await repository.treeAt(head.tree, path));
  await spoilObject(store, file);
  const { after } = await repair(repairOver(archive, store));
  const lost = after.findings.map(({ loss }) => loss?.object ?? assert.fail());
  assert.deepEqual([lost.length, lost.includes(file)], [2, true], 'the pack, and its file');
  await acceptAll(store, file);
  assert.equal(await outcome(store), 'damaged');
  await acceptAll(store, ...lost);
  assert.equal(await outcome(store), 'sound');
  const another = (await repository.treeAt(older, 'content/ana/None/Web Map/Map/backup.json')) ?? assert.fail();
  await spoilObject(store, another);
  const { findings } = await verify(store, { from: 0, to: 1 });
  assert.deepEqual(
    findings.map(({ kind }) => kind),
    ['damage', 'damage'],
  );
});
