import { createHash } from 'node:crypto';
import type { Part, Role } from '../backup/words.ts';
import { ZipProbe } from '../backup/zip.ts';
import { BackupError } from '../errors.ts';
import { pointer, storeLarge } from '../git/large.ts';
import type { Parts } from './parts.ts';

/** A part that lies in the store or in memory: what backup.json says of it, and the bytes that git keeps. */
export interface Taken {
  part: Part;
  /** the file, or its Git LFS pointer */
  bytes: Buffer;
}

/** A body on its way in. */
export interface Body {
  body: AsyncIterable<Uint8Array>;
  /** bytes, when the portal said */
  size?: number | undefined;
}

/**
 * Takes in one part: up to the threshold in memory, above it streamed to a Git LFS object while it is hashed.
 * @param name decides the part's path once its first bytes are known (all of them for small parts)
 * @param zip must it be a zip? Throws ITEM_DAMAGED when it is none, or a cut one.
 */
export async function takeIn(
  parts: Parts,
  role: Role,
  { body, size }: Body,
  name: (head: Buffer, isWhole: boolean) => string,
  zip = false,
): Promise<Taken> {
  const probe = new ZipProbe();
  const watched = zip ? watch(body, probe) : body;
  const { head, rest } = await readUpTo(watched, parts.rules.lfsThreshold);
  const path = name(head, rest === undefined);
  const stored = rest === undefined ? undefined : await storeLarge(parts.store, join(head, rest), parts);
  const verdict = zip ? probe.verdict() : undefined;
  if (verdict !== undefined) throw new BackupError('ITEM_DAMAGED', `The file ${path} is damaged: ${verdict}.`);
  if (stored === undefined) return small(role, path, head);
  if (size !== undefined && size !== stored.size) {
    throw new BackupError('ITEM_TRUNCATED', `${path} has ${stored.size} bytes instead of ${size}.`);
  }
  const part = { path, role, size: stored.size, sha256: stored.sha256, lfs: true };
  return { part, bytes: pointer(stored.sha256, stored.size) };
}

/** A part whose bytes are at hand. */
export function small(role: Role, path: string, bytes: Buffer): Taken {
  return { part: { path, role, size: bytes.length, sha256: sha256(bytes), lfs: false }, bytes };
}

/** The SHA-256 of bytes, in hex. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function* watch(body: AsyncIterable<Uint8Array>, probe: ZipProbe): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    probe.see(chunk);
    yield chunk;
  }
}

/** Reads until more than `most` bytes are there; `rest` is undefined when the body ended before. */
async function readUpTo(body: AsyncIterable<Uint8Array>, most: number) {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const iterator = body[Symbol.asyncIterator]();
  while (length <= most) {
    const next = await iterator.next();
    if (next.done === true) return { head: Buffer.concat(chunks), rest: undefined };
    chunks.push(next.value);
    length += next.value.length;
  }
  return { head: Buffer.concat(chunks), rest: iterator };
}

async function* join(head: Buffer, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield head;
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}
