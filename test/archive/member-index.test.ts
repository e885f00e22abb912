import assert from 'node:assert/strict';
import { test } from 'node:test';
import { indexName } from '../../lib/archive/layout.ts';
import { readIndexOf } from '../../lib/archive/member-index.ts';
import { smallArchive } from '../upkeep/small-archive.ts';

const archive = smallArchive();

test("a member's index that lies under another's name, or is damaged, is made again from the tree", async () => {
  const store = archive.store.snapshot();
  const repository = archive.repository(store);
  const { tree } = await archive.head(store);
  const [ana, other] = [
    await repository.treeAt(tree, 'content/ana'),
    await repository.treeAt(tree, 'content/backup'),
  ] as [string, string];
  const right = await readIndexOf({ store, repository }, ana);
  assert.equal(Object.keys(right).length, 3);
  for (const spoil of [
    () => store.copy(indexName(other), indexName(ana)),
    () => store.put(indexName(ana), Buffer.alloc(0)),
    () => store.put(indexName(ana), Buffer.from('{')),
  ]) {
    await spoil();
    assert.deepEqual(await readIndexOf({ store, repository }, ana), right);
  }
});
