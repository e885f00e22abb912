import assert from 'node:assert/strict';
import { indexOfPack, infoPacks, packName, readPacks } from '../../lib/git/layout.ts';
import { PackIndex } from '../../lib/git/pack/pack-index.ts';
import type { BlobStore } from '../../lib/storage/blob-store.ts';

/** Changes the bytes of a blob. */
export async function spoil(store: BlobStore, name: string, change: (bytes: Buffer) => Buffer): Promise<void> {
  const blob = (await store.get(name)) ?? assert.fail(name);
  await store.put(name, change(Buffer.from(blob.bytes)));
}

/** Flips one bit, in the middle or where it is said. */
export function flip(bytes: Buffer, at = Math.floor(bytes.length / 2)): Buffer {
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  return bytes;
}

/** Damages an object in every listed pack that has it. */
export async function spoilObject(store: BlobStore, oid: string): Promise<void> {
  let found = 0;
  for (const pack of await listedPacks(store)) {
    const offset = PackIndex.read((await store.get(indexOfPack(pack)))?.bytes ?? Buffer.alloc(0))?.find(oid);
    if (offset === undefined) continue;
    found += 1;
    // Behind the header of the entry and of zlib.
    await spoil(store, packName(pack), (bytes) => flip(bytes, offset + 6));
  }
  assert.ok(found > 0, `no pack has ${oid}`);
}

/** Names of the packs that count, newest first. */
export async function listedPacks(store: BlobStore): Promise<string[]> {
  return readPacks((await store.get(infoPacks))?.bytes.toString() ?? '');
}
