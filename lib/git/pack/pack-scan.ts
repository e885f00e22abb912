import { isCode } from '../../errors.ts';
import { readDistance } from './delta.ts';
import type { GitObject } from '../object-reader.ts';
import { hashObject, inflateFirst, mostEntryBytes, offsetDelta, readEntryHeader, refDelta } from './pack-entry.ts';
import { PackStream } from './pack-stream.ts';
import type { BlobStore } from '../../storage/blob-store.ts';

/** A whole object, or a delta that inflates: of that only an index knows the id. */
export type Scanned = { oid: string; object: GitObject } | 'delta';

/** Bytes that are looked through at a time for where the next entry begins. */
const windowLength = 1 << 16;
/** Header, base and the first bytes of zlib: enough to see whether an entry may begin. */
const startLength = 40;
/** Bytes before the first entry. */
const headerLength = 12;
/** What claims to be longer, behind a damage, is taken for no entry: it would be read to the end of the pack to be disproved. */
const mostLost = 64 * 1024 * 1024;

/**
 * Everything of a pack that can still be read, without its index: where an entry does not hold, whatever comes behind it is
 * looked for byte by byte. Object ids and zlib's checksum tell an entry from what only looks like one.
 * @param blob the pack's whole name in the store, whatever that is
 */
export async function* scanPack(store: BlobStore, blob: string): AsyncGenerator<Scanned> {
  const stream = await PackStream.open(store, blob);
  if (stream === undefined) return;
  try {
    const head = await stream.peek(headerLength);
    if (isPack(head)) stream.pass(head.length);
    let isLost = false;
    while ((await stream.peek(1)).length > 0) {
      const found = await readHere(stream, isLost);
      isLost = found === undefined;
      if (found === undefined) await passToNext(stream);
      else {
        yield found.scanned;
        stream.pass(found.length);
      }
    }
  } finally {
    await stream.close();
  }
}

/** Do these bytes begin as a pack does? */
export function isPack(bytes: Buffer): boolean {
  return bytes.toString('latin1', 0, 4) === 'PACK';
}

async function readHere(
  stream: PackStream,
  isLost: boolean,
): Promise<{ scanned: Scanned; length: number } | undefined> {
  const start = startOf(await stream.peek(startLength), 0);
  if (start === undefined || (isLost && start.size > mostLost)) return undefined;
  const { header, size, body } = start;
  const bytes = await stream.peek(Math.min(body + mostEntryBytes({ ...header, size }), stream.size));
  const found = inflateFirst(bytes.subarray(body), size);
  if (found === undefined) return undefined;
  const { type } = header;
  const scanned: Scanned =
    type === undefined
      ? 'delta'
      : { oid: hashObject(type, found.body), object: { type, bytes: Buffer.from(found.body) } };
  return { scanned, length: body + found.length };
}

/** Passes one byte, and all behind it where no entry can begin. */
async function passToNext(stream: PackStream): Promise<void> {
  const window = await stream.peek(windowLength);
  let at = 1;
  // Near the end of the window an entry cannot be told yet.
  const end = window.length < windowLength ? window.length : window.length - startLength;
  while (at < end && startOf(window, at) === undefined) at += 1;
  stream.pass(at);
}

/** May an entry begin here? Its body is a zlib stream. https://www.rfc-editor.org/rfc/rfc1950#section-2.2 */
function startOf(bytes: Buffer, at: number) {
  const header = readEntryHeader(bytes.subarray(at, at + startLength));
  if (header === undefined) return undefined;
  const base = baseLength(header.code, bytes, at + header.length);
  if (header.type === undefined && base === 0) return undefined;
  const body = header.length + base;
  const [method = 0, flags = 0] = bytes.subarray(at + body, at + body + 2);
  const isZlib = (method & 15) === 8 && method >> 4 < 8 && ((method << 8) | flags) % 31 === 0 && (flags & 32) === 0;
  return isZlib ? { header, size: header.size, body } : undefined;
}

/** Bytes that the address of a delta's base takes. */
function baseLength(code: number, bytes: Buffer, at: number): number {
  if (code === refDelta) return 20;
  if (code !== offsetDelta) return 0;
  try {
    return readDistance(bytes.subarray(at, at + 9)).length;
  } catch (error) {
    // No address: no entry begins here.
    if (isCode(error, 'STORE_DAMAGED')) return 0;
    throw error;
  }
}
