import type { BlobStore } from '../storage/blob-store.ts';
import { allSetAside, packName, indexOfPack, setAsideName } from './layout.ts';
import type { PackPlace } from './salvage.ts';

/** Copies a blob to where a repair keeps what it replaces; what lies there already stays. */
export async function keepAside(store: BlobStore, name: string): Promise<void> {
  let copy = 0;
  while ((await store.stat(setAsideName(name, copy))) !== undefined) copy += 1;
  await store.copy(name, setAsideName(name, copy));
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

/** Which pack a blob is, or is the index of; undefined when it is neither. */
export function readPackBlob(name: string): string | undefined {
  return /^objects\/pack\/pack-([0-9a-f]{40})\.(?:pack|idx)$/.exec(name)?.[1];
}
