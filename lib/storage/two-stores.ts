import type { BlobInfo, BlobStore } from './blob-store.ts';
import { checkName, checkPrefix, compareNames } from './names.ts';
import { transfer } from './transfer.ts';

/** Which names lie where. */
export interface Split {
  /** Does a blob of this name lie in the scratch store? */
  isScratch: (name: string) => boolean;
  /** May there be one whose name begins so? */
  mayHoldScratch: (prefix: string) => boolean;
  /** what stands before the names in the scratch store, which several archives may share; ends with a slash */
  folder: string;
}

/**
 * Two stores as one: what is meant to stay in the archive, what a run needs meanwhile in the scratch store, whose deleted bytes
 * nobody keeps and pays for. What an older version left in the archive under a name of the scratch store is listed and deleted,
 * and not read.
 */
export function twoStores(
  archive: BlobStore,
  scratch: BlobStore,
  { isScratch, mayHoldScratch, folder }: Split,
): BlobStore {
  const at = (name: string) =>
    isScratch(checkName(name)) ? { store: scratch, name: folder + name } : { store: archive, name };
  const inside = <T extends BlobInfo>(info: T): T => ({ ...info, name: info.name.slice(folder.length) });
  const own = <T extends BlobInfo>(name: string, info: T): T => ({ ...info, name });
  return {
    address: archive.address,
    create: async () => {
      await archive.create();
      await scratch.create();
    },
    get: async (name, range) => {
      const { store, name: there } = at(name);
      const blob = await store.get(there, range);
      return blob && own(name, blob);
    },
    stream: async (name, range) => {
      const { store, name: there } = at(name);
      const found = await store.stream(there, range);
      return found && { ...found, info: own(name, found.info) };
    },
    stat: async (name) => {
      const { store, name: there } = at(name);
      const info = await store.stat(there);
      return info && own(name, info);
    },
    put: async (name, bytes, condition) => at(name).store.put(at(name).name, bytes, condition),
    putStream: async (name, body) => own(name, await at(name).store.putStream(at(name).name, body)),
    copy: async (from, to) => {
      const [source, target] = [at(from), at(to)];
      if (source.store === target.store) return source.store.copy(source.name, target.name);
      return (await transfer(source.store, source.name, target.store, target.name)) !== undefined;
    },
    lend: async (name, span) => at(name).store.lend?.(at(name).name, span),
    delete: async (name, etag) => {
      if (etag !== undefined) return at(name).store.delete(at(name).name, etag);
      if (isScratch(checkName(name))) await scratch.delete(folder + name);
      await archive.delete(name);
    },
    list: async function* (prefix) {
      const ofArchive = archive.list(checkPrefix(prefix));
      yield* mayHoldScratch(prefix) ? merged(ofArchive, mapped(scratch.list(folder + prefix), inside)) : ofArchive;
    },
  };
}

async function* mapped<T>(all: AsyncIterable<T>, as: (each: T) => T): AsyncGenerator<T> {
  for await (const each of all) yield as(each);
}

/** Both listings in one order; of two of a name the second. */
async function* merged(one: AsyncIterable<BlobInfo>, two: AsyncIterable<BlobInfo>): AsyncGenerator<BlobInfo> {
  const [left, right] = [one[Symbol.asyncIterator](), two[Symbol.asyncIterator]()];
  try {
    let [a, b] = [await left.next(), await right.next()];
    while (a.done !== true || b.done !== true) {
      const order = a.done === true ? 1 : b.done === true ? -1 : compareNames(a.value.name, b.value.name);
      if (order < 0 && a.done !== true) yield a.value;
      else if (b.done !== true) yield b.value;
      if (order <= 0) a = await left.next();
      if (order >= 0) b = await right.next();
    }
  } finally {
    await left.return?.();
    await right.return?.();
  }
}
