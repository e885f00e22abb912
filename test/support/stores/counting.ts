import type { BlobStore } from '../../../lib/storage/blob-store.ts';

/** One call of a store. */
export interface Call {
  verb: Exclude<keyof BlobStore, 'address'>;
  /** of the blob, or the prefix of a listing; where a copy comes from; empty for `create` */
  name: string;
  /** where a copy goes to */
  to?: string;
}

/** A store with something around each call; a listing is one call, however many pages it has. */
export function watched(store: BlobStore, around: <T>(call: Call, run: () => Promise<T>) => Promise<T>): BlobStore {
  return {
    address: store.address,
    create: () => around({ verb: 'create', name: '' }, () => store.create()),
    get: (name, range) => around({ verb: 'get', name }, () => store.get(name, range)),
    stream: (name, range) => around({ verb: 'stream', name }, () => store.stream(name, range)),
    stat: (name) => around({ verb: 'stat', name }, () => store.stat(name)),
    put: (name, bytes, condition) => around({ verb: 'put', name }, () => store.put(name, bytes, condition)),
    putStream: (name, body) => around({ verb: 'putStream', name }, () => store.putStream(name, body)),
    copy: (from, to) => around({ verb: 'copy', name: from, to }, () => store.copy(from, to)),
    delete: (name, etag) => around({ verb: 'delete', name }, () => store.delete(name, etag)),
    list: async function* (prefix) {
      yield* await around({ verb: 'list', name: prefix }, () => Promise.resolve(store.list(prefix)));
    },
  };
}

/** What was asked of a store, in order. */
export interface Requests {
  total: number;
  byVerb: Partial<Record<Call['verb'], number>>;
  log: Call[];
}

/** A store that counts its calls, also those that fail. */
export function counting(store: BlobStore): { store: BlobStore; requests: Requests } {
  const requests: Requests = { total: 0, byVerb: {}, log: [] };
  const counted = watched(store, (call, run) => {
    requests.total += 1;
    requests.byVerb[call.verb] = (requests.byVerb[call.verb] ?? 0) + 1;
    requests.log.push(call);
    return run();
  });
  return { store: counted, requests };
}
