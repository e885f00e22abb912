import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writeFold } from '../../../lib/archive/folds.ts';
import { branch, infoRefs } from '../../../lib/git/layout.ts';
import { hashObject } from '../../../lib/git/pack/pack-entry.ts';
import { openRepository } from '../../../lib/archive/repository.ts';
import type { BlobStore } from '../../../lib/storage/blob-store.ts';
import { mendBranch } from '../../../lib/upkeep/repair/branch.ts';
import { commitFiles, commitNext, countedNames, newArchive, testClock } from '../../archive/archive.ts';
import { spoilObject } from '../../support/spoil.ts';

/** An archive of six commits, each after the one before; the branch is lost, with what info/refs told of it. */
async function sixCommits() {
  const { store, repository } = await newArchive('six');
  const commits: string[] = [];
  for (let n = 0; n < 6; n++) commits.push(await commitNext(store, repository, { [`f${n}`]: `${n}` }, `Night ${n}`));
  return { store, repository, commits };
}

async function lose(store: BlobStore): Promise<void> {
  await store.put(branch, Buffer.alloc(0));
  await store.delete(infoRefs);
}

/** Where the branch is put back to, when runs recorded these commits in this order. */
async function mend(store: BlobStore, recorded: readonly string[]): Promise<string | undefined> {
  // eslint-disable-next-line @typescript-eslint/require-await
  async function* all() {
    yield* recorded;
  }
  await mendBranch(store, all());
  return (await store.get(branch))?.bytes.toString().trim();
}

test('the branch goes back to the commit that descends from all others, whatever the clocks of the runs have said', async () => {
  const { store, commits } = await sixCommits();
  // The first run was dated ahead, and comes first in the order of records.
  const orders = [commits, [...commits].reverse(), [0, 3, 5, 1, 4, 2].map((n) => commits[n] ?? '')];
  for (const recorded of orders) {
    await lose(store);
    assert.equal(await mend(store, recorded), commits[5]);
  }
});

test('the branch goes back to what info/refs tells of when that descends from all that runs recorded', async () => {
  const { store, commits } = await sixCommits();
  await store.delete(branch);
  assert.equal(await mend(store, commits.slice(0, 5)), commits[5]);
});

test('the branch goes back to the last commit that can be read', async () => {
  const { store, commits } = await sixCommits();
  await spoilObject(store, commits[5] ?? '');
  await lose(store);
  assert.equal(await mend(store, commits), commits[4]);
});

test('a damaged commit in the middle does not make the branch go back behind it', async () => {
  const { store, commits } = await sixCommits();
  await spoilObject(store, commits[2] ?? '');
  await lose(store);
  assert.equal(await mend(store, commits), commits[5]);
});

test('of two histories that do not meet none is chosen, and both are named', async () => {
  const { store, repository, commits } = await sixCommits();
  await lose(store);
  const again = openRepository(store, { random: countedNames('fork'), clock: testClock() });
  await store.put(branch, Buffer.from(`${commits[2]}\n`));
  const fork = await commitFiles(store, again, { other: 'x' }, { base: await again.head(), message: 'Fork' });
  assert.ok(await repository.head());
  await lose(store);
  await assert.rejects(mend(store, [...commits, fork]), (error: Error & { code: string }) => {
    assert.equal(error.code, 'STORE_DAMAGED');
    for (const each of [fork, commits[5] ?? '']) assert.ok(error.message.includes(each));
    return true;
  });
  assert.equal((await store.get(branch))?.bytes.length, 0);
});

test('where history was thinned out, a branch that is lost goes to the thinned out one, and to the former one only while nobody tells of it', async () => {
  const { store, repository, commits } = await sixCommits();
  const [first = '', , third = '', , , last = ''] = commits;
  const base = await repository.head();
  assert.ok(base);
  // The third commit stays, as another one upon the first, and a night follows.
  const bytes = (await repository.commitBytes(third)).toString().replace(/parent .*/, `parent ${first}`);
  const to = hashObject('commit', Buffer.from(bytes));
  const fold = { from: last, to, renamed: { [third]: to }, folded: {} };
  await repository.replace(base, [Buffer.from(bytes)], () => writeFold(store, fold));
  const later = await commitNext(store, repository, { later: 'x' }, 'Later');
  for (const [recorded, expected] of [
    [[...commits, later], later],
    [[...commits, to], to],
    [commits, last],
    [['0'.repeat(40)], to],
  ] as const) {
    await lose(store);
    assert.equal(await mend(store, recorded), expected);
  }
});
