import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { BlobInfo } from '../../lib/storage/blob-store.ts';

/** The value that must be there. */
export async function need<T>(found: Promise<T | undefined>): Promise<T> {
  const value = await found;
  assert.ok(value !== undefined);
  return value;
}

/** All of a listing. */
export async function collect(all: AsyncIterable<BlobInfo>): Promise<BlobInfo[]> {
  const found: BlobInfo[] = [];
  for await (const each of all) found.push(each);
  return found;
}

/** The names of a listing. */
export async function namesOf(all: AsyncIterable<BlobInfo>): Promise<string[]> {
  return (await collect(all)).map(({ name }) => name);
}

/** A body as one buffer. */
export async function drain(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** A body in pieces of this size. */
export async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
}

/** A body that gives this many bytes, then fails. */
export async function* failing(after: number, failure: Error): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(Buffer.alloc(after));
  throw failure;
}

/** Bytes without a period, the same each time. */
export function noise(length: number): Buffer {
  const block = createHash('sha512').update('noise').digest();
  const bytes = Buffer.alloc(length);
  for (let at = 0, n = 0; at < length; at += 64_000, n++) {
    bytes.fill(createHash('sha512').update(block).update(String(n)).digest(), at, Math.min(at + 64_000, length));
  }
  return bytes;
}

/** SHA-256. */
export function hash(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
