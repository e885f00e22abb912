import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { contentOf, type Content } from './content.ts';

/** DOS date of every entry: 2024-05-01, midnight. */
const day = ((2024 - 1980) << 9) | (5 << 5) | 1;

interface Entry {
  name: string;
  size: number;
  crc: number;
  /** of the local header */
  at: number;
  /** sizes and crc come after the bytes (APPNOTE 4.3.9) */
  late: boolean;
}

function localHeader(entry: Entry): Buffer {
  const head = Buffer.alloc(30);
  head.writeUInt32LE(0x04034b50, 0);
  head.writeUInt16LE(20, 4);
  head.writeUInt16LE(entry.late ? 8 : 0, 6);
  head.writeUInt16LE(day, 12);
  head.writeUInt32LE(entry.late ? 0 : entry.crc, 14);
  head.writeUInt32LE(entry.late ? 0 : entry.size, 18);
  head.writeUInt32LE(entry.late ? 0 : entry.size, 22);
  head.writeUInt16LE(Buffer.byteLength(entry.name), 26);
  return Buffer.concat([head, Buffer.from(entry.name)]);
}

function centralHeader(entry: Entry): Buffer {
  const head = Buffer.alloc(46);
  head.writeUInt32LE(0x02014b50, 0);
  head.writeUInt16LE(20, 4);
  head.writeUInt16LE(20, 6);
  head.writeUInt16LE(entry.late ? 8 : 0, 8);
  head.writeUInt16LE(day, 14);
  head.writeUInt32LE(entry.crc, 16);
  head.writeUInt32LE(entry.size, 20);
  head.writeUInt32LE(entry.size, 24);
  head.writeUInt16LE(Buffer.byteLength(entry.name), 28);
  head.writeUInt32LE(entry.at, 42);
  return Buffer.concat([head, Buffer.from(entry.name)]);
}

function end(entries: number, size: number, at: number): Buffer {
  const record = Buffer.alloc(22);
  record.writeUInt32LE(0x06054b50, 0);
  record.writeUInt16LE(entries, 8);
  record.writeUInt16LE(entries, 10);
  record.writeUInt32LE(size, 12);
  record.writeUInt32LE(at, 16);
  return record;
}

/** A zip of stored entries. */
export function zipOf(files: Iterable<[string, Buffer]>): Buffer {
  return [...files].reduce((zip, [name, bytes]) => withEntry(zip, name, bytes), end(0, 0, 0));
}

/** The same zip with one more stored entry at its end. */
export function withEntry(zip: Buffer, name: string, bytes: Buffer): Buffer {
  const last = zip.length - 22;
  const count = zip.readUInt16LE(last + 10);
  const at = zip.readUInt32LE(last + 16);
  const entry = { name, size: bytes.length, crc: crc32(bytes), at, late: false };
  const body = Buffer.concat([localHeader(entry), bytes]);
  const central = Buffer.concat([zip.subarray(at, last), centralHeader(entry)]);
  return Buffer.concat([zip.subarray(0, at), body, central, end(count + 1, central.length, at + body.length)]);
}

const blockSize = 1 << 16;
const entryName = 'large.gdb/large.spx';

/** Pseudo-random bytes that no compression shrinks: 64 KiB is beyond the window of deflate. */
const pattern = Buffer.concat(
  Array.from({ length: blockSize / 32 }, (_, n) => createHash('sha256').update(`block ${n}`).digest()),
);

/** Block `n` of a large entry; its head tells which one it is, so that a swapped block shows. */
function block(n: number, seed: number): Buffer {
  const bytes = Buffer.from(pattern);
  bytes.writeUInt32LE(n, 0);
  bytes.writeUInt32LE(seed >>> 0, 4);
  return bytes;
}

/**
 * A valid zip with one stored entry of `payload` bytes (below 4 GiB), made while it is read. Another `seed`, other bytes.
 * @param files small ones, that come before it
 */
export function largeZip(payload: number, seed = 0, files: Iterable<[string, Buffer]> = []): Content {
  const others = zipOf(files);
  const count = others.readUInt16LE(others.length - 12);
  const first = others.readUInt32LE(others.length - 6);
  const directory = others.subarray(first, -22);
  const entry = { name: entryName, size: payload, crc: 0, at: first, late: true };
  const head = Buffer.concat([others.subarray(0, first), localHeader(entry)]);
  let foot: Buffer | undefined;
  const blocks = function* (): Iterable<Buffer> {
    for (let n = 0; n * blockSize < payload; n += 1) yield block(n, seed).subarray(0, payload - n * blockSize);
  };
  const footer = (crc?: number) =>
    (foot ??= trailer({ ...entry, crc: crc ?? crcOf(blocks()) }, { directory, count, at: head.length }));
  const size = head.length + payload + 16 + directory.length + 46 + entryName.length + 22;

  function* read(from = 0, to = size): Iterable<Buffer> {
    if (from < head.length) yield head.subarray(from, to);
    let crc: number | undefined = from <= head.length ? 0 : undefined;
    const first = Math.max(0, Math.floor((from - head.length) / blockSize));
    for (let n = first; n * blockSize < payload && head.length + n * blockSize < to; n += 1) {
      const at = head.length + n * blockSize;
      const bytes = block(n, seed).subarray(0, payload - n * blockSize);
      if (crc !== undefined) crc = crc32(bytes, crc);
      yield bytes.subarray(Math.max(0, from - at), to - at);
    }
    const at = head.length + payload;
    if (to > at) yield footer(crc).subarray(Math.max(0, from - at), to - at);
  }
  const sha256 = () => {
    const hash = createHash('sha256');
    for (const bytes of read()) hash.update(bytes);
    return hash.digest('hex');
  };
  const bytes = () => Buffer.concat([...read()]);
  return { size, type: 'application/zip', etag: `"large-${payload}-${seed}-${first}"`, read, bytes, sha256 };
}

function crcOf(blocks: Iterable<Buffer>): number {
  let crc = 0;
  for (const bytes of blocks) crc = crc32(bytes, crc);
  return crc;
}

function trailer(entry: Entry, before: { directory: Buffer; count: number; at: number }): Buffer {
  const { size, crc } = entry;
  const descriptor = Buffer.alloc(16);
  descriptor.writeUInt32LE(0x08074b50, 0);
  descriptor.writeUInt32LE(crc, 4);
  descriptor.writeUInt32LE(size, 8);
  descriptor.writeUInt32LE(size, 12);
  const central = Buffer.concat([before.directory, centralHeader(entry)]);
  return Buffer.concat([
    descriptor,
    central,
    end(before.count + 1, central.length, before.at + size + descriptor.length),
  ]);
}

/** A zip of `files` as content. */
export function zipContent(files: Iterable<[string, Buffer]>): Content {
  return contentOf(zipOf(files), 'application/zip');
}
