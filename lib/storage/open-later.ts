import type { BlobStore } from './blob-store.ts';

/**
 * A store that is opened with the first call of it. So its library is loaded then: who only asks for something else, or backs
 * up into a directory, never waits for it.
 */
export function openLater(address: string, open: () => Promise<BlobStore>): BlobStore {
  let opened: Promise<BlobStore> | undefined;
  const store = () => (opened ??= open());
  return {
    address,
    create: async () => (await store()).create(),
    get: async (name, range) => (await store()).get(name, range),
    stream: async (name, range) => (await store()).stream(name, range),
    stat: async (name) => (await store()).stat(name),
    put: async (name, bytes, condition) => (await store()).put(name, bytes, condition),
    putStream: async (name, body) => (await store()).putStream(name, body),
    copy: async (from, to) => (await store()).copy(from, to),
    adopt: async (source, to) => (await (await store()).adopt?.(source, to)) ?? false,
    lend: async (name, span) => (await store()).lend?.(name, span),
    delete: async (name, etag) => (await store()).delete(name, etag),
    list: async function* (prefix) {
      yield* (await store()).list(prefix);
    },
  };
}
