import { createHash } from 'node:crypto';
import { crc32, deflateSync, inflateSync } from 'node:zlib';

/** Kinds of git objects. */
export type ObjectType = 'commit' | 'tree' | 'blob' | 'tag';

// https://git-scm.com/docs/pack-format#_object_types
const codes = { commit: 1, tree: 2, blob: 3, tag: 4 } as const;
const types: readonly (ObjectType | undefined)[] = [undefined, 'commit', 'tree', 'blob', 'tag'];
/** Deltas: the base is so many bytes before, or is named by its id. */
export const offsetDelta = 6;
export const refDelta = 7;

/** Does an entry that starts with this byte hold a delta? */
export function isDelta(firstByte: number): boolean {
  const code = (firstByte >> 4) & 7;
  return code === offsetDelta || code === refDelta;
}

/** Is it the name of a kind of object? */
export function isType(name: string): name is ObjectType {
  return Object.hasOwn(codes, name);
}

/** The id of an object: SHA-1 over its header and bytes, 40 hex digits. */
export function hashObject(type: ObjectType, bytes: Uint8Array): string {
  return createHash('sha1').update(`${type} ${bytes.length}\0`).update(bytes).digest('hex');
}

/** An object as a pack holds it: header, then zlib. */
export interface PackEntry {
  oid: string;
  bytes: Buffer;
  crc: number;
}

/** Encodes an object for a pack, without deltas. What deflate would hardly make smaller is stored as it is. */
export function encodeEntry(type: ObjectType, body: Uint8Array): PackEntry {
  const bytes = Buffer.concat([entryHeader(codes[type], body.length), compress(body)]);
  return { oid: hashObject(type, body), bytes, crc: crc32(bytes) };
}

/** What stands before the zlib stream of an entry. */
export interface EntryHeader {
  /** undefined for the two kinds of deltas */
  type: ObjectType | undefined;
  code: number;
  /** bytes when inflated */
  size: number;
  /** bytes of this header */
  length: number;
}

/** Reads the header of an entry; undefined when the bytes are none. */
export function readEntryHeader(bytes: Buffer): EntryHeader | undefined {
  let byte = bytes[0];
  if (byte === undefined) return undefined;
  const code = (byte >> 4) & 7;
  let size = byte & 15;
  let at = 1;
  for (let scale = 16; byte & 0x80; scale *= 128) {
    byte = bytes[at++];
    if (byte === undefined || at > 10) return undefined;
    size += (byte & 0x7f) * scale;
  }
  return { type: types[code], code, size, length: at };
}

/**
 * The most bytes that header, base and body of an entry take: deflate never makes more of a body.
 * https://zlib.net/zlib_tech.html: 5 bytes for each block of 16 kB
 */
export function mostEntryBytes({ length, size }: EntryHeader): number {
  return length + 20 + size + Math.ceil(size / 1000) + 64;
}

/** Inflates the body of an entry, with whatever lies behind it, to exactly `size` bytes; undefined when they are no such body. */
export function inflateEntry(bytes: Buffer, size: number): Buffer | undefined {
  return inflateFirst(bytes, size)?.body;
}

/** As `inflateEntry`, with how many of the bytes the body took. */
export function inflateFirst(bytes: Buffer, size: number): { body: Buffer; length: number } | undefined {
  // What a damaged header claims may be more than any buffer holds, or than the bytes can come to: https://zlib.net/zlib_tech.html
  if (size > bytes.length * 1032) return undefined;
  try {
    // With `info` node answers { buffer, engine }, which @types/node does not know.
    // By default a piece of 16 KiB is made for an object of 200 bytes; one that is just full would be followed by another.
    const chunkSize = Math.min(size + 64, 1024 * 1024);
    const found = inflateSync(bytes, { maxOutputLength: Math.max(1, size), chunkSize, info: true }) as unknown as {
      buffer: Buffer;
      engine: { bytesWritten: number };
    };
    return found.buffer.length === size ? { body: found.buffer, length: found.engine.bytesWritten } : undefined;
  } catch (error) {
    if (error instanceof Error && /^(Z_|ERR_BUFFER_TOO_LARGE)/.test((error as NodeJS.ErrnoException).code ?? ''))
      return undefined;
    throw error;
  }
}

/** What stands before an entry's zlib stream, or before the address of its base. `size`: bytes when inflated. */
export function entryHeader(code: number, size: number): Buffer {
  const bytes: number[] = [];
  let byte = (code << 4) | (size % 16);
  // Not shifts: they are limited to 32 bits.
  for (let rest = Math.floor(size / 16); rest > 0; rest = Math.floor(rest / 128)) {
    bytes.push(byte | 0x80);
    byte = rest % 128;
  }
  return Buffer.from([...bytes, byte]);
}

// Level 0 reads and writes forty times as fast (git-on-blob-storage.md, section 6).
function compress(body: Uint8Array): Buffer {
  if (!isCompressed(body)) {
    const packed = deflateSync(body, { level: 6 });
    if (packed.length < body.length * 0.98 || body.length < 1024) return packed;
  }
  return deflateSync(body, { level: 0 });
}

/** zip (also xlsx, docx), PNG, JPEG, PDF, gzip, GIF */
const compressedMagic = ['PK\x03\x04', '\x89PNG', '\xff\xd8\xff', '%PDF', '\x1f\x8b', 'GIF8'];

function isCompressed(body: Uint8Array): boolean {
  const head = Buffer.from(body.subarray(0, 4)).toString('latin1');
  return compressedMagic.some((magic) => head.startsWith(magic));
}
