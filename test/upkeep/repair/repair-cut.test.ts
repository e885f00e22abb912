import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BackupError } from '../../../lib/errors.ts';
import { watched, type Call } from '../../support/stores/counting.ts';
import type { BlobStore } from '../../../lib/storage/blob-store.ts';
import { repair } from '../../../lib/upkeep/repair/repair.ts';
import { verify } from '../../../lib/upkeep/verify/verify.ts';
import { fsck } from '../../support/stores/copies.ts';
import { damages } from '../damages.ts';
import { repairOver } from './repair-over.ts';
import { smallArchive } from '../small-archive.ts';

/** Every damage at every write in the long mode; one of each kind of mend, at every seventh write, in the suite. */
const isLong = process.env['LONG'] !== undefined;
const every = isLong ? 1 : 7;
const sample = [
  'a flipped bit at the end of a pack',
  'a missing index',
  'a list that lacks a pack',
  'a branch that is no id',
  'a flipped bit in a Git LFS object',
];
const archive = smallArchive();
const isWrite = ({ verb }: Call) => verb === 'put' || verb === 'putStream' || verb === 'copy' || verb === 'delete';

/** A store that is dead after a number of writes: before the next one, or after it took effect. */
function dying(store: BlobStore, writes: number, how: 'before' | 'after'): { store: BlobStore; died: () => boolean } {
  let count = 0;
  let isDead = false;
  const around = async <T>(call: Call, run: () => Promise<T>): Promise<T> => {
    const dead = new BackupError('STORE_UNREACHABLE', 'The process is dead.');
    if (isDead) throw dead;
    if (!isWrite(call) || count++ < writes) return run();
    isDead = true;
    if (how === 'after') await run();
    throw dead;
  };
  return { store: watched(store, around), died: () => isDead };
}

async function damageOf(store: BlobStore): Promise<string[]> {
  const { findings } = await verify(store, { from: 0, to: 1 });
  return findings.filter(({ kind }) => kind === 'damage').map(({ what }) => what);
}

for (const { name, spoil, hides } of damages.filter((each) => each.mended && (isLong || sample.includes(each.name)))) {
  test(`a repair of ${name}, killed at any write, makes nothing worse, and the next one completes it`, async (t) => {
    let cuts = 0;
    for (const how of ['before', 'after'] as const) {
      for (let writes = 0; ; writes += every) {
        const store = archive.store.snapshot();
        await spoil(store, archive);
        const before = await damageOf(store);
        const cut = dying(store, writes, how);
        try {
          await repair(repairOver(archive, cut.store));
        } catch (error) {
          assert.ok(cut.died(), error as Error);
        }
        if (!cut.died()) break;
        cuts += 1;
        for (const what of await damageOf(store))
          assert.ok(hides === true || before.includes(what), `write ${writes}: ${what}`);
        const { after } = await repair(repairOver(archive, store));
        assert.deepEqual(
          after.findings.filter(({ kind }) => kind === 'damage'),
          [],
          `write ${writes}`,
        );
        assert.equal(await fsck(t, store), 3);
      }
    }
    t.diagnostic(`${cuts} cuts`);
    assert.ok(cuts > 0);
  });
}
