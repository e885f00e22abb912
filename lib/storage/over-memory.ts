import type { Clock } from '../clock.ts';
import type { BlobInfo, BlobStore, Condition } from './blob-store.ts';
import { MemoryStore } from './memory.ts';
import { compareNames } from './names.ts';

/** So that no ETag of what was written is one of what was there. */
const mark = 'over-';

/**
 * A store as it is, over which everything that is written lies in memory: for who wants to see what would become of it. Nothing of the
 * store itself is ever changed.
 */
export function overMemory(store: BlobStore, clock: Clock): BlobStore {
  const written = new MemoryStore({ clock });
  const gone = new Set<string>();
  const ours = <T extends BlobInfo>(info: T): T => ({ ...info, etag: mark + info.etag });
  const stat = async (name: string) => {
    const own = await written.stat(name);
    return own ? ours(own) : gone.has(name) ? undefined : store.stat(name);
  };
  const put = async (name: string, bytes: Uint8Array, condition?: Condition) => {
    const now = condition && (await stat(name));
    const isMet = condition === undefined || ('absent' in condition ? !now : now?.etag === condition.etag);
    return isMet ? mark + (await written.put(name, bytes)) : undefined;
  };
  const stream: BlobStore['stream'] = async (name, range) => {
    const own = await written.stream(name, range);
    if (own !== undefined) return { ...own, info: ours(own.info) };
    return gone.has(name) ? undefined : store.stream(name, range);
  };
  return {
    address: store.address,
    create: () => Promise.resolve(),
    get: async (name, range) => {
      const own = await written.get(name, range);
      return own ? ours(own) : gone.has(name) ? undefined : store.get(name, range);
    },
    stream,
    stat,
    put,
    putStream: async (name, body) => ours(await written.putStream(name, body)),
    copy: async (from, to) => {
      const found = await stream(from);
      if (found !== undefined) await written.putStream(to, found.body);
      return found !== undefined;
    },
    delete: async (name, etag) => {
      if (etag !== undefined && (await stat(name))?.etag !== etag) return;
      gone.add(name);
      await written.delete(name);
    },
    list: async function* (prefix) {
      const found = new Map<string, BlobInfo>();
      for await (const info of store.list(prefix)) if (!gone.has(info.name)) found.set(info.name, info);
      for await (const info of written.list(prefix)) found.set(info.name, ours(info));
      yield* [...found.values()].sort((a, b) => compareNames(a.name, b.name));
    },
  };
}
