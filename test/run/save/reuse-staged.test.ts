import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recordBytes } from '../../../lib/backup/record.ts';
import type { SaveInput } from '../../../lib/run/save/save-item.ts';
import type { Found } from '../../../lib/backup/found.ts';
import type { Item } from '../../../lib/backup/item.ts';
import { encodeStaged } from '../../../lib/archive/staged-item.ts';
import { runBlobs } from '../../../lib/archive/runs/run-blobs.ts';
import { newRunId } from '../../../lib/archive/runs/run-history.ts';
import { sha256 } from '../../../lib/archive/sha256.ts';
import type { Deps } from '../../../lib/run/deps.ts';
import { reuseStaged } from '../../../lib/run/save/reuse-staged.ts';
import { MemoryStore } from '../../../lib/storage/memory.ts';
import { testClock } from '../../archive/archive.ts';

const item = { id: 'a'.repeat(32), owner: 'ana', type: 'Web Map', title: 'Map', modified: 5 } as unknown as Item;
const [dead, now] = [1, 2].map((time) => newRunId(time, '0'.repeat(40)));
const old = runBlobs(dead ?? '').staged(item.id);
const fresh = runBlobs(now ?? '').staged(item.id);

/** What a dead run has staged of the item, as it is now. */
function stagedBytes(): Buffer {
  const record = recordBytes(item);
  const part = { path: 'item.json', role: 'record', size: record.length, sha256: sha256(record), lfs: false };
  const manifest = { id: item.id, stamp: '5', folderId: null, folder: 'None', parts: [part], notes: [] };
  return encodeStaged({ manifest, kept: [] }, [record]).bytes;
}

function salvage(store: MemoryStore): Promise<boolean> {
  const input = { salvage: [dead], work: { itemId: item.id } } as unknown as SaveInput;
  const found = { item, folder: { id: null, title: 'None' }, stamp: '5', step: 'save' } as unknown as Found;
  return reuseStaged({ store } as unknown as Deps, input, found, fresh);
}

test('what a dead run has staged of this version is taken over', async () => {
  const store = new MemoryStore({ clock: testClock() });
  await store.put(old, stagedBytes());
  assert.equal(await salvage(store), true);
  assert.deepEqual((await store.get(fresh))?.bytes, stagedBytes());
});

test('what a dead run has staged and a disk has spoiled is fetched again, and fails no run', async () => {
  const whole = stagedBytes();
  const flipped = Buffer.from(whole);
  flipped[whole.length - 3] = (flipped[whole.length - 3] ?? 0) ^ 1;
  for (const bad of ['', 'x', whole.subarray(0, 100), whole.subarray(0, -1), flipped]) {
    const store = new MemoryStore({ clock: testClock() });
    await store.put(old, Buffer.from(bad));
    assert.equal(await salvage(store), false);
    assert.equal(await store.stat(fresh), undefined);
  }
});
