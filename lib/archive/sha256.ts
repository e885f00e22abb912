import { createHash } from 'node:crypto';
import type { BlobStore } from '../storage/blob-store.ts';

/** The SHA-256 of bytes, in hex. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The SHA-256 of a blob; undefined when it is not there. */
export async function hashOf(store: BlobStore, blob: string): Promise<string | undefined> {
  const found = await store.stream(blob);
  if (found === undefined) return undefined;
  const hash = createHash('sha256');
  for await (const piece of found.body) hash.update(piece);
  return hash.digest('hex');
}
