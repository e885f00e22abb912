import { createHash } from 'node:crypto';
import { looseName, indexOfPack, packName } from '../git/layout.ts';
import { changePacks } from '../git/pack/pack-list.ts';
import { encodeEntry } from '../git/pack/pack-entry.ts';
import { writePack } from '../git/pack/write-pack.ts';
import type { BlobStore } from '../storage/blob-store.ts';
import { looseOf } from './loose.ts';
import type { OldArchive } from './old-archive.ts';
import { mostInMemory } from './old-objects.ts';
import { damagedSource } from './refusals.ts';
import { told, type Tell } from './tell.ts';

/**
 * Copies every object of the old repository, so that its commits are what they were: packs as they are, loose objects in one new
 * pack, and large ones loose as they are. What is there already is not copied again. Nothing refers to any of it until a
 * commit does.
 */
export async function copyObjects(old: OldArchive, store: BlobStore, tell: Tell): Promise<void> {
  for (const pack of old.packs) await copyPack(old.store, store, pack, tell);
  const small = new Map<string, number>();
  for await (const { oid, size } of looseOf(old.store)) {
    const isSmall = size <= mostInMemory && (await old.objects.looseSize(oid)) <= mostInMemory;
    if (isSmall) small.set(oid, size);
    else await copyLoose(old, store, oid, tell);
  }
  const fresh = [...(small.size > 0 ? [await packSmall(old, store, small, tell)] : []), ...old.packs];
  await changePacks(store, (packs) => [...packs.filter((each) => !fresh.includes(each)), ...fresh]);
}

/** Bytes of all objects of the old repository, as they lie. */
export async function bytesOfObjects({ packs, store }: OldArchive): Promise<number> {
  let bytes = 0;
  for (const name of packs.flatMap((pack) => [packName(pack), indexOfPack(pack)]))
    bytes += (await store.stat(name))?.size ?? 0;
  for await (const { size } of looseOf(store)) bytes += size;
  return bytes;
}

/** Packs small objects, under a name of theirs as git gave it: whoever comes after a killed take-over finds it. */
async function packSmall(
  old: OldArchive,
  store: BlobStore,
  small: ReadonlyMap<string, number>,
  tell: Tell,
): Promise<string> {
  const oids = [...small.keys()].sort();
  const name = createHash('sha1').update(oids.join('\n')).digest('hex');
  // An index comes after its pack.
  if ((await store.stat(indexOfPack(name))) === undefined)
    await writePack(
      store,
      name,
      oids.length,
      entries(old, oids, (oid) => tell(small.get(oid) ?? 0)),
    );
  return name;
}

async function copyPack(from: BlobStore, to: BlobStore, pack: string, tell: Tell): Promise<void> {
  const names = [packName(pack), indexOfPack(pack)];
  for (const name of names) {
    const found = await from.stream(name);
    if (found === undefined) throw damagedSource(from, `${name} is missing.`);
    if ((await to.stat(name))?.size === found.info.size) tell(found.info.size);
    else await to.putStream(name, told(checked(from, name, found), tell));
  }
}

/** Packs and their indexes end with the SHA-1 of all before it. https://git-scm.com/docs/pack-format */
async function* checked(
  store: BlobStore,
  name: string,
  { info, body }: { info: { size: number }; body: AsyncIterable<Uint8Array> },
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha1');
  let at = 0;
  let end = Buffer.alloc(0);
  for await (const piece of body) {
    const hashed = Math.max(0, Math.min(piece.length, info.size - 20 - at));
    hash.update(piece.subarray(0, hashed));
    end = Buffer.concat([end, piece.subarray(hashed)]);
    at += piece.length;
    yield piece;
  }
  if (!hash.digest().equals(end)) throw damagedSource(store, `${name} is not what its checksum says.`);
}

async function copyLoose({ objects }: OldArchive, store: BlobStore, oid: string, tell: Tell): Promise<void> {
  const name = looseName(oid);
  const { info, body } = await objects.loose(oid);
  if ((await store.stat(name))?.size === info.size) return tell(info.size);
  await store.putStream(name, told(body, tell));
}

async function* entries({ objects }: OldArchive, oids: readonly string[], hear: (oid: string) => void) {
  for (const oid of oids) {
    const { type, bytes } = await objects.object(oid);
    hear(oid);
    yield encodeEntry(type, bytes);
  }
}
