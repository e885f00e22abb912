import { createHash } from 'node:crypto';
import { looseName, indexOfPack, packName } from '../git/layout.ts';
import { changePacks } from '../git/pack/pack-list.ts';
import { encodeEntry, type PackEntry } from '../git/pack/pack-entry.ts';
import { writePack } from '../git/pack/write-pack.ts';
import type { BlobStore } from '../storage/blob-store.ts';
import type { OldArchive } from './old-archive.ts';
import { mostInMemory } from './old-objects.ts';
import { damagedSource } from './refusals.ts';

/** Hears how many bytes have come over. */
export type Tell = (bytes: number) => void;

/**
 * Copies every object of the old repository, so that its commits are what they were: packs as they are, loose objects in one new
 * pack, and large ones loose as they are. What is there already is not copied again. Nothing refers to any of it until a
 * commit does.
 */
export async function copyObjects(old: OldArchive, store: BlobStore, tell: Tell): Promise<void> {
  for (const pack of old.packs) await copyPack(old.store, store, pack, tell);
  const small: string[] = [];
  for await (const { name: blob, size } of old.store.list('objects/')) {
    const oid = /^objects\/([0-9a-f]{2}\/[0-9a-f]{38})$/.exec(blob)?.[1]?.replace('/', '');
    if (oid === undefined) continue;
    const isSmall = size <= mostInMemory && (await old.objects.looseSize(oid)) <= mostInMemory;
    if (isSmall) small.push(oid);
    else await copyLoose(old, store, oid, tell);
  }
  const fresh = [...(small.length > 0 ? [await packSmall(old, store, small, tell)] : []), ...old.packs];
  await changePacks(store, (packs) => [...packs.filter((each) => !fresh.includes(each)), ...fresh]);
}

/** Packs small objects, under a name of theirs as git gave it: whoever comes after a killed take-over finds it. */
async function packSmall(old: OldArchive, store: BlobStore, oids: string[], tell: Tell): Promise<string> {
  const name = createHash('sha1').update(oids.sort().join('\n')).digest('hex');
  // An index comes after its pack.
  if ((await store.stat(indexOfPack(name))) === undefined)
    await writePack(store, name, oids.length, entries(old, oids, tell));
  return name;
}

async function copyPack(from: BlobStore, to: BlobStore, pack: string, tell: Tell): Promise<void> {
  const names = [packName(pack), indexOfPack(pack)];
  for (const name of names) {
    const found = await from.stream(name);
    if (found === undefined) throw damagedSource(from, `${name} is missing.`);
    if ((await to.stat(name))?.size !== found.info.size) await to.putStream(name, checked(from, name, found, tell));
  }
}

/** Packs and their indexes end with the SHA-1 of all before it. https://git-scm.com/docs/pack-format */
async function* checked(
  store: BlobStore,
  name: string,
  { info, body }: { info: { size: number }; body: AsyncIterable<Uint8Array> },
  tell: Tell,
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha1');
  let at = 0;
  let end = Buffer.alloc(0);
  for await (const piece of body) {
    const hashed = Math.max(0, Math.min(piece.length, info.size - 20 - at));
    hash.update(piece.subarray(0, hashed));
    end = Buffer.concat([end, piece.subarray(hashed)]);
    at += piece.length;
    tell(piece.length);
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

async function* told(body: AsyncIterable<Uint8Array>, tell: Tell): AsyncGenerator<Uint8Array> {
  for await (const piece of body) {
    tell(piece.length);
    yield piece;
  }
}

async function* entries({ objects }: OldArchive, oids: readonly string[], tell: Tell): AsyncGenerator<PackEntry> {
  for (const oid of oids) {
    const { type, bytes } = await objects.object(oid);
    tell(bytes.length);
    yield encodeEntry(type, bytes);
  }
}
