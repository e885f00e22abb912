import type { BlobInfo, BlobStore } from './blob-store.ts';

/** The part of a store whose names begin with a prefix, as a store whose names go without it. Only for reading. */
export function within(store: BlobStore, prefix: string): BlobStore {
  if (prefix === '') return store;
  const inside = <T extends BlobInfo>(info: T): T => ({ ...info, name: info.name.slice(prefix.length) });
  const refuse = () => Promise.reject(new TypeError(`${prefix} is only read`));
  return {
    address: store.address,
    create: refuse,
    put: refuse,
    putStream: refuse,
    copy: refuse,
    delete: refuse,
    get: async (name, range) => {
      const blob = await store.get(prefix + name, range);
      return blob && inside(blob);
    },
    stream: async (name, range) => {
      const found = await store.stream(prefix + name, range);
      return found && { ...found, info: inside(found.info) };
    },
    stat: async (name) => {
      const info = await store.stat(prefix + name);
      return info && inside(info);
    },
    list: async function* (below) {
      for await (const info of store.list(prefix + below)) yield inside(info);
    },
  };
}
