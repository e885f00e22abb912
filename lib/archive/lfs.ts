import { createHash } from 'node:crypto';
import { BackupError } from '../errors.ts';
import type { BlobStore } from '../storage/blob-store.ts';
import { readBeside } from './compare-large.ts';
import { largeName, temporaryName } from './layout.ts';
import { hashOf } from './sha256.ts';

/** A Git LFS object. */
export interface Large {
  sha256: string;
  /** bytes */
  size: number;
}

/**
 * Streams a file into a Git LFS object: to a temporary name while it is hashed, then to its own. What lies there already
 * and is the same stays untouched; what is damaged is replaced: that is how fetching an item again mends it. A body that
 * fails leaves nothing. Throws ITEM_TRUNCATED when it has not `expectedBytes`.
 * @param more.random 40 fresh hex digits
 * @param more.like what the file was before: as long as it is the same, nothing is written
 */
export async function storeLarge(
  store: BlobStore,
  body: AsyncIterable<Uint8Array>,
  {
    random,
    expectedBytes,
    like,
  }: { random: () => string; expectedBytes?: number | undefined; like?: Large | undefined },
): Promise<Large> {
  const others = like === undefined ? body : await readBeside(store, like.sha256, body);
  if (like !== undefined && others === undefined) return like;
  const temporary = temporaryName(random());
  const large = await spool(store, temporary, others ?? body);
  if (expectedBytes !== undefined && large.size !== expectedBytes) {
    await store.delete(temporary);
    throw new BackupError('ITEM_TRUNCATED', `The download has ${large.size} bytes instead of ${expectedBytes}.`);
  }
  await give(store, temporary, large);
  await store.delete(temporary);
  return { sha256: large.sha256, size: large.size };
}

/**
 * ms; an object that nothing names may go some months after it was written. So one that is older is written again by whoever is about
 * to name it: whoever deletes it does so by its ETag, and only once it is older than any run.
 */
const freshFor = 30 * 86_400_000;

interface Spooled extends Large {
  /** epoch ms, by the store's clock */
  written: number;
}

/** Puts an object in its place, unless it lies there whole and young. */
async function give(store: BlobStore, temporary: string, { sha256, size, written }: Spooled): Promise<void> {
  const name = largeName(sha256);
  const there = await store.stat(name);
  const isYoung = there !== undefined && there.modified > written - freshFor;
  if (there?.size === size && isYoung && (await hashOf(store, name)) === sha256) return;
  if (await store.copy(temporary, name)) return;
  throw new BackupError('STORE_DAMAGED', `${temporary} disappeared from ${store.address}.`, { retryable: true });
}

async function spool(store: BlobStore, name: string, body: AsyncIterable<Uint8Array>): Promise<Spooled> {
  const hash = createHash('sha256');
  let size = 0;
  async function* hashed(): AsyncGenerator<Uint8Array> {
    for await (const chunk of body) {
      hash.update(chunk);
      size += chunk.length;
      yield chunk;
    }
  }
  const { modified: written } = await store.putStream(name, hashed());
  return { sha256: hash.digest('hex'), size, written };
}

/** What stands in git for a Git LFS object. https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md */
export function pointer(sha256: string, size: number): Buffer {
  return Buffer.from(`version https://git-lfs.github.com/spec/v1\noid sha256:${sha256}\nsize ${size}\n`);
}

/** What one of our pointers points to; undefined for any other file. */
export function readPointer(bytes: Buffer): Large | undefined {
  if (bytes.length >= longestPointer) return undefined;
  const found = /^version https:\/\/git-lfs\.github\.com\/spec\/v1\noid sha256:([0-9a-f]{64})\nsize (\d+)\n$/.exec(
    bytes.toString('latin1'),
  );
  return found ? { sha256: found[1] ?? '', size: Number(found[2]) } : undefined;
}

/** Bytes; git-lfs takes no longer file for a pointer. */
const longestPointer = 1024;

/**
 * Might git-lfs take a file that begins so for a pointer, in any of the versions and spellings it reads, and with no regard
 * to .gitattributes (`git lfs pull`)? Such a file is stored as a Git LFS object itself.
 * https://github.com/git-lfs/git-lfs/blob/main/lfs/pointer.go
 */
export function mayBePointer(head: Buffer): boolean {
  const text = head.toString('utf8', 0, longestPointer);
  return /^[\s\u0085]*version\s/.test(text) && /git-media|hawser|git-lfs/.test(text);
}

/**
 * The line of .gitattributes, with its line end, that makes exactly this file of the same folder a Git LFS object. The
 * leading slash holds it to the folder and takes the meaning from ! and #; a backslash takes that of glob characters; the
 * quotes of C double both and keep spaces. https://git-scm.com/docs/gitattributes#_description
 */
export function attributesLine(fileName: string): string {
  const pattern = `/${fileName.replace(/[\\*?[\]]/g, '\\$&')}`;
  const quoted = pattern.replace(/["\\]/g, '\\$&').replace(/[\x00-\x1f\x7f]/g, octal);
  return `"${quoted}" filter=lfs diff=lfs merge=lfs -text\n`;
}

function octal(character: string): string {
  return `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`;
}
