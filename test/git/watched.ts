import type { BlobStore } from '../../lib/storage/blob-store.ts';

/** One call of a store. */
export interface Call {
  verb: Exclude<keyof BlobStore, 'address'>;
  name: string;
}

/** Lets something happen around each call of a store: count it, or make it fail before or after it took effect. */
export function watched(store: BlobStore, around: <T>(call: Call, run: () => Promise<T>) => Promise<T>): BlobStore {
  return {
    address: store.address,
    create: () => around({ verb: 'create', name: '' }, () => store.create()),
    get: (name, range) => around({ verb: 'get', name }, () => store.get(name, range)),
    stream: (name, range) => around({ verb: 'stream', name }, () => store.stream(name, range)),
    stat: (name) => around({ verb: 'stat', name }, () => store.stat(name)),
    put: (name, bytes, condition) => around({ verb: 'put', name }, () => store.put(name, bytes, condition)),
    putStream: (name, body) => around({ verb: 'putStream', name }, () => store.putStream(name, body)),
    copy: (from, to) => around({ verb: 'copy', name: from }, () => store.copy(from, to)),
    delete: (name) => around({ verb: 'delete', name }, () => store.delete(name)),
    list: async function* (prefix) {
      await around({ verb: 'list', name: prefix }, () => Promise.resolve());
      yield* store.list(prefix);
    },
  };
}

/** A store that keeps the list of its calls. */
export function counting(store: BlobStore): { store: BlobStore; calls: Call[] } {
  const calls: Call[] = [];
  const counted = watched(store, (call, run) => {
    calls.push(call);
    return run();
  });
  return { store: counted, calls };
}
