import type { Blob, BlobStore, Range } from '../../storage/blob-store.ts';
import { allPacks } from '../layout.ts';

/** A store in which parts of packs are read in a way of its own, and everything else as `store` does it. */
export function withPackRanges(
  store: BlobStore,
  read: (name: string, range: Range) => Promise<Blob | undefined>,
): BlobStore {
  const isPack = (name: string) => name.startsWith(allPacks) && name.endsWith('.pack');
  return {
    address: store.address,
    create: () => store.create(),
    get: (name, range) => (range !== undefined && isPack(name) ? read(name, range) : store.get(name, range)),
    stream: (name, range) => store.stream(name, range),
    stat: (name) => store.stat(name),
    put: (name, bytes, condition) => store.put(name, bytes, condition),
    putStream: (name, body) => store.putStream(name, body),
    copy: (from, to) => store.copy(from, to),
    delete: (name, etag) => store.delete(name, etag),
    list: (prefix) => store.list(prefix),
  };
}
