import type { BlobInfo, BlobStore } from '../../../lib/storage/blob-store.ts';

/** A store whose clock is so many ms ahead of ours, for tests. */
export function skewed(store: BlobStore, ms: number): BlobStore {
  const late = <T extends BlobInfo>(info: T): T => ({ ...info, modified: info.modified + ms });
  return {
    address: store.address,
    create: () => store.create(),
    get: async (name, range) => {
      const blob = await store.get(name, range);
      return blob && late(blob);
    },
    stream: async (name, range) => {
      const found = await store.stream(name, range);
      return found && { ...found, info: late(found.info) };
    },
    stat: async (name) => {
      const info = await store.stat(name);
      return info && late(info);
    },
    put: (name, bytes, condition) => store.put(name, bytes, condition),
    putStream: async (name, body) => late(await store.putStream(name, body)),
    copy: (from, to) => store.copy(from, to),
    delete: (name, etag) => store.delete(name, etag),
    list: async function* (prefix) {
      for await (const info of store.list(prefix)) yield late(info);
    },
  };
}
