import type { BlobStore } from './blob-store.ts';

/** How a blob got from one store to another. */
export type Way = 'inside the cloud' | 'through the worker';

/** Copies a blob to another store: inside the cloud where the stores can, else through this process. Undefined when it is not there. */
export async function transfer(from: BlobStore, name: string, to: BlobStore, toName: string): Promise<Way | undefined> {
  const info = await from.stat(name);
  if (info === undefined) return undefined;
  const isInside = await to.adopt?.({ address: from.address, name, size: info.size }, toName);
  if (isInside === true) return 'inside the cloud';
  const found = await from.stream(name);
  if (found === undefined) return undefined;
  await to.putStream(toName, found.body);
  return 'through the worker';
}
