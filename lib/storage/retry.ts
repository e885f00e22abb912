import type { Clock } from '../clock.ts';
import { isWorthAnother } from '../errors.ts';
import type { BlobInfo, BlobStore } from './blob-store.ts';

/** How often and how long a call is tried. */
export interface RetryOptions {
  /** tries in all; 7 */
  attempts?: number;
  /** ms before the second try, doubled each time; 500 */
  firstDelay?: number;
  /** ms after which a call that fails is not tried again; a minute */
  patience?: number;
  /** 0 to 1: spreads each pause between its half and its whole, so that lanes do not come back all at once */
  random?: () => number;
}

/**
 * Tries a call again after a failure that is retryable, unless it was tried below: this is the one place where calls of a
 * store are repeated, and no activity is executed again for their sake. Not `putStream`: its body is used up, so who has the
 * body must start anew. A stream or a listing is tried again only until it has begun.
 */
export function withRetry(store: BlobStore, clock: Clock, options: RetryOptions = {}): BlobStore {
  const { attempts = 7, firstDelay = 500, patience = 60_000, random = () => 1 } = options;
  const again = async <T>(call: (attempt: number) => Promise<T>): Promise<T> => {
    const began = clock.now();
    for (let attempt = 1; ; attempt++) {
      try {
        return await call(attempt);
      } catch (error) {
        if (!isWorthAnother(error)) throw error;
        // A store that takes its time to fail is not worth so many tries.
        error.tried = attempt >= attempts || clock.now() - began >= patience;
        if (error.tried) throw error;
        await clock.sleep(firstDelay * 2 ** (attempt - 1) * (0.5 + random() / 2));
      }
    }
  };
  return {
    address: store.address,
    adopt: (source, to) => again(async () => (await store.adopt?.(source, to)) ?? false),
    lend: (name, span) => again(async () => store.lend?.(name, span)),
    create: () => again(() => store.create()),
    get: (name, range) => again(() => store.get(name, range)),
    stream: (name, range) => again(() => store.stream(name, range)),
    stat: (name) => again(() => store.stat(name)),
    put: (name, bytes, condition) => {
      const same = condition && { ...condition, write: {} };
      return again(async (attempt) => {
        const etag = await store.put(name, bytes, same);
        return etag === undefined && attempt > 1 ? earlierWrite(store, name, bytes) : etag;
      });
    },
    putStream: (name, body) => store.putStream(name, body),
    copy: (from, to) => again(() => store.copy(from, to)),
    delete: (name, etag) => again(() => store.delete(name, etag)),
    list: async function* (prefix) {
      const { listing, first } = await again(() => beginListing(store, prefix));
      try {
        for (let next = first; next.done !== true; next = await listing.next()) yield next.value;
      } finally {
        await listing.return?.();
      }
    },
  };
}

// A try that failed may have written all the same; then the condition of the next one fails because of our own bytes.
async function earlierWrite(store: BlobStore, name: string, bytes: Uint8Array): Promise<string | undefined> {
  const found = await store.get(name);
  return found?.bytes.equals(bytes) === true ? found.etag : undefined;
}

async function beginListing(store: BlobStore, prefix: string) {
  const listing: AsyncIterator<BlobInfo> = store.list(prefix)[Symbol.asyncIterator]();
  return { listing, first: await listing.next() };
}
