import { allPacks, indexOfPack, packName } from '../../git/layout.ts';
import { listedPacks } from '../../git/pack/pack-list.ts';
import type { BlobStore } from '../../storage/blob-store.ts';
import type { PackEtags } from './state.ts';

/** The packs there are. */
export interface FoundPacks {
  /** by objects/info/packs, newest first */
  listed: string[];
  /** beside those */
  unlisted: string[];
  /** bytes of each that is there */
  sizes: Map<string, number>;
}

/** The packs that objects/info/packs lists, newest first, and those that lie beside them. */
export async function findPacks(store: BlobStore): Promise<FoundPacks> {
  const listed = await listedPacks(store);
  const known = new Set(listed);
  const unlisted = new Set<string>();
  const sizes = new Map<string, number>();
  for await (const { name, size } of store.list(allPacks)) {
    const found = /pack-([0-9a-f]{40})\.(?:pack|idx)$/.exec(name)?.[1];
    if (found === undefined) continue;
    if (name.endsWith('.pack')) sizes.set(found, size);
    if (!known.has(found)) unlisted.add(found);
  }
  return { listed, unlisted: [...unlisted], sizes };
}

/** Those of which the repository consists: all, where the list is lost. */
export function packsToRead({ listed, unlisted }: FoundPacks): { inUse: string[]; beside: string[] } {
  return listed.length > 0 ? { inUse: listed, beside: unlisted } : { inUse: unlisted, beside: [] };
}

/** What they are called by the store; null for what is not there. */
export async function etagsOf(store: BlobStore, name: string): Promise<PackEtags> {
  const [pack, index] = await Promise.all([store.stat(packName(name)), store.stat(indexOfPack(name))]);
  return [pack?.etag ?? null, index?.etag ?? null];
}

/** Are these the same blobs? */
export function isSame(one: PackEtags, other: PackEtags): boolean {
  return one.every((etag, n) => etag === other[n]);
}
