import type { BlobInfo, BlobStore } from '../storage/blob-store.ts';
import { compareNames } from '../storage/names.ts';

/**
 * The blobs of a folder that the other store has not, or in another length. Both listings are read side by side, in their one
 * order, so that no archive is too large for memory.
 */
export async function* missing(from: BlobStore, to: BlobStore, prefix: string): AsyncGenerator<BlobInfo> {
  const theirs = to.list(prefix)[Symbol.asyncIterator]();
  try {
    let there = await theirs.next();
    for await (const blob of from.list(prefix)) {
      while (there.done !== true && compareNames(there.value.name, blob.name) < 0) there = await theirs.next();
      const isThere = there.done !== true && there.value.name === blob.name && there.value.size === blob.size;
      if (!isThere) yield blob;
    }
  } finally {
    await theirs.return?.();
  }
}
