import { createHash } from 'node:crypto';
import type { BlobStore } from '../storage/blob-store.ts';

/** The SHA-256 of bytes, in hex. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Passes a body on, and throws at its end when it has another SHA-256. @param fail makes the error */
export async function* proved(
  body: AsyncIterable<Uint8Array>,
  digest: string,
  fail: () => Error,
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  for await (const piece of body) {
    hash.update(piece);
    yield piece;
  }
  if (hash.digest('hex') !== digest) throw fail();
}

/** The SHA-256 of a blob; undefined when it is not there. */
export async function hashOf(store: BlobStore, blob: string): Promise<string | undefined> {
  const found = await store.stream(blob);
  if (found === undefined) return undefined;
  const hash = createHash('sha256');
  for await (const piece of found.body) hash.update(piece);
  return hash.digest('hex');
}
