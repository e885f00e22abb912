import type { Blob, BlobStore, Range } from '../../storage/blob-store.ts';
import { Lru } from '../lru.ts';
import { withPackRanges } from './pack-ranges.ts';

/** Bytes of the packs that are held. */
const mostBytes = 64 * 1024 * 1024;
/** Bytes of a pack that is fetched whole rather than piece by piece. */
const mostOfPack = 32 * 1024 * 1024;

/**
 * A store whose smaller packs are fetched whole when they are asked for again: for who reads many objects of a pack, one
 * request takes the place of thousands. Packs never change.
 */
export function withHeldPacks(store: BlobStore): BlobStore {
  const sizes = new Map<string, number>();
  const held = new Lru<Blob | undefined>(mostBytes, (pack) => pack?.size ?? 100);
  // Of a pack that is asked for once, a piece is enough.
  const first = async (name: string, range: Range) => {
    const blob = await store.get(name, range);
    if (blob !== undefined) sizes.set(name, blob.size);
    return blob;
  };
  return withPackRanges(store, async (name, range) => {
    if ((sizes.get(name) ?? Infinity) > mostOfPack) return first(name, range);
    const pack = await held.get(name, () => store.get(name));
    return pack && { ...pack, bytes: pack.bytes.subarray(range.start, range.start + range.length) };
  });
}
