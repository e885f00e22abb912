import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BlobStore } from '../../../lib/storage/blob-store.ts';
import { planOf, repair } from '../../../lib/upkeep/repair/repair.ts';
import { verify } from '../../../lib/upkeep/verify/verify.ts';
import { fsck } from '../../support/stores/copies.ts';
import { damages } from '../damages.ts';
import { repairOver } from './repair-over.ts';
import { smallArchive } from '../small-archive.ts';

const archive = smallArchive();

async function told(store: BlobStore): Promise<string[]> {
  return (await verify(store, { from: 0, to: 1 })).findings.map(({ what }) => what);
}

for (const { name, spoil, mended } of damages) {
  test(`${name} is ${mended ? 'mended' : 'not made worse by a repair'}`, async (t) => {
    const store = archive.store.snapshot();
    const { commit } = await archive.head(store);
    await spoil(store, archive);
    const before = await told(store);
    const { after, failed } = await repair(repairOver(archive, store));
    if (mended) {
      assert.deepEqual([after.findings, failed], [[], []]);
      assert.equal(after.commit, commit);
      assert.equal(await fsck(t, store), 3);
    } else {
      assert.ok(after.findings.length > 0);
      for (const { what } of after.findings) assert.ok(before.includes(what), what);
    }
  });
}

test('a plan has what a repair does in its order, the look into other packs before the branch, and says what is open', async () => {
  const store = archive.store.snapshot();
  await store.delete('refs/heads/main');
  const verdict = await verify(store, { from: 0, to: 1 });
  const [look, branch, open, ...others] = planOf(verdict);
  assert.match(look ?? '', /^Look for what is missing in other packs/);
  assert.match(branch ?? '', /^Put the branch back/);
  assert.match(open ?? '', /^After each of these verify again/);
  assert.deepEqual(others, []);
  await store.put('refs/heads/main', (await archive.store.get('refs/heads/main'))?.bytes ?? assert.fail());
  await store.delete('HEAD');
  assert.deepEqual(planOf(await verify(store, { from: 0, to: 1 })), ['Write HEAD.']);
});
