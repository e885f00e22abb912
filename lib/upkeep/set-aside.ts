import type { BlobStore } from '../storage/blob-store.ts';
import { indexOfPack, packName } from '../git/layout.ts';
import { allLarge, allSetAside, setAsideName } from '../archive/layout.ts';
import { hashOf } from '../archive/sha256.ts';
import type { PackPlace } from './salvage.ts';

/** Copies a blob, if it is there, to where a repair keeps what it replaces; what else lies there stays. */
export async function keepAside(store: BlobStore, name: string): Promise<void> {
  let copy = 0;
  while (await isAnother(store, name, setAsideName(name, copy))) copy += 1;
  // Also where it has been kept already: from now on for 14 days.
  await store.copy(name, setAsideName(name, copy));
}

/** Is there a blob, and not the same as this one? */
async function isAnother(store: BlobStore, name: string, aside: string): Promise<boolean> {
  const [now, kept] = [await store.stat(name), await store.stat(aside)];
  if (now === undefined || kept === undefined) return false;
  return now.size !== kept.size || (await hashOf(store, name)) !== (await hashOf(store, aside));
}

/**
 * Takes a pack out of the repository, the index first: git passes over a pack without one, and stumbles over the reverse.
 * Call it when nothing of the pack is needed any more.
 */
export async function setPackAside(store: BlobStore, pack: string): Promise<void> {
  for (const name of [indexOfPack(pack), packName(pack)]) {
    await keepAside(store, name);
    await store.delete(name);
  }
}

/** What `setAsideName` has named: the blob's own name, and the folder in which it was kept. */
export function readSetAside(name: string): { own: string; prefix: string } {
  const prefix = new RegExp(`^${allSetAside}(?:\\d+/)?`).exec(name)?.[0] ?? '';
  return { own: name.slice(prefix.length), prefix };
}

/** Packs that repairs have set aside. */
export async function setAsidePacks(store: BlobStore): Promise<PackPlace[]> {
  const places = new Map<string, PackPlace>();
  for await (const { name } of store.list(allSetAside)) {
    const { own, prefix } = readSetAside(name);
    const pack = readPackBlob(own);
    if (pack !== undefined) places.set(prefix + pack, { name: pack, prefix });
  }
  return [...places.values()];
}

/** Git LFS objects that repairs have set aside, by what they are; each is read. */
export async function largeAside(store: BlobStore): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for await (const { name } of store.list(allSetAside)) {
    const is = readSetAside(name).own.startsWith(allLarge) ? await hashOf(store, name) : undefined;
    if (is !== undefined) found.set(is, name);
  }
  return found;
}

/** Which pack a blob is, or is the index of; undefined when it is neither. */
export function readPackBlob(name: string): string | undefined {
  return /^objects\/pack\/pack-([0-9a-f]{40})\.(?:pack|idx)$/.exec(name)?.[1];
}
