import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allIndexes } from '../../lib/archive/layout.ts';
import type { BlobStore } from '../../lib/storage/blob-store.ts';
import { repair } from '../../lib/upkeep/repair/repair.ts';
import { Remembered } from '../support/remembered.ts';
import { repairOver } from './repair/repair-over.ts';
import { smallArchive } from './small-archive.ts';

/** Every file of an archive with nothing in it, with one byte, with the bytes of the file beside it. With LONG a run meets it, too. */
const isLong = process.env['LONG'] !== undefined;
const archive = smallArchive();

async function bytesOf(store: BlobStore, name: string | undefined): Promise<Buffer> {
  return (await store.get(name ?? ''))?.bytes ?? assert.fail();
}

const instead: Record<string, (store: BlobStore, beside: string) => Promise<Buffer>> = {
  nothing: () => Promise.resolve(Buffer.alloc(0)),
  'one byte': () => Promise.resolve(Buffer.from('x')),
  'the bytes of its neighbour': bytesOf,
};

for (const [what, bytes] of Object.entries(instead)) {
  test(`whichever file holds ${what}, verify and repair answer with findings, and no other object is lost`, async () => {
    const names = await Array.fromAsync(archive.store.list(''), ({ name }) => name);
    const remembered = await Remembered.of(archive.store);
    for (const [n, name] of names.entries()) {
      const store = archive.store.snapshot();
      await store.put(name, await bytes(store, names[(n + 1) % names.length] ?? name));
      const spoiled = store.snapshot();
      const was = await remembered.kept(store);
      const fetchItems = () => Promise.resolve(['The portal does not answer.']);
      const { before, failed } = await repair({ ...repairOver(archive, store), fetchItems });
      // Those of older trees nobody reads any more.
      assert.ok(before.findings.length > 0 || name.startsWith(allIndexes), name);
      assert.doesNotMatch(failed.join(), /INTERNAL/, name);
      const { listed } = await remembered.kept(store);
      assert.deepEqual(
        [...was.objects].filter((oid) => !listed.has(oid)),
        [],
        name,
      );
      if (isLong) assert.notEqual((await archive.run(spoiled)).error?.code, 'INTERNAL', name);
    }
  });
}
