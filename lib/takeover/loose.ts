import type { BlobStore } from '../storage/blob-store.ts';

/** The loose objects of a repository, and how many bytes each has as it lies. */
export async function* looseOf(store: BlobStore): AsyncGenerator<{ oid: string; size: number }> {
  for await (const { name, size } of store.list('objects/')) {
    const oid = /^objects\/([0-9a-f]{2}\/[0-9a-f]{38})$/.exec(name)?.[1]?.replace('/', '');
    if (oid !== undefined) yield { oid, size };
  }
}
