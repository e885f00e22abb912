import { crc32 } from 'node:zlib';
import type { BlobStore } from '../../storage/blob-store.ts';
import { packName } from '../layout.ts';
import type { GitObject } from '../object-reader.ts';
import {
  hashObject,
  inflateEntry,
  inflateFirst,
  isDelta,
  mostEntryBytes,
  readEntryHeader,
  type ObjectType,
} from './pack-entry.ts';
import type { IndexedEntry, PackIndex } from './pack-index.ts';
import { PackStream } from './pack-stream.ts';
import { Sha1 } from './sha1.ts';

/** An object of a pack: whole, `damaged`, or a `delta` whose bytes hold. */
export interface Checked {
  oid: string;
  object: GitObject | 'delta' | 'damaged';
}

/** Takes each object of a pack in the order in which they lie there. @param position of an object whose pack has an index, in that */
export type Visit = (oid: string, object: Checked['object'], position?: number) => void;

/** Where the check of a pack goes on that did not come to its end. */
export interface CheckCursor {
  /** objects that are done */
  entries: number;
  /** bytes of the pack that are done */
  offset: number;
  /** bytes of the whole pack */
  size: number;
  /** of the bytes that are done, as `Sha1.save` gave it */
  sha1: Uint8Array;
  /** has everything held so far? */
  holds: boolean;
}

/** How much of a pack is checked. */
export interface CheckPart {
  /** goes on from here */
  from?: CheckCursor | undefined;
  /** Asked after each object: is it time to stop? */
  isOver: () => boolean;
}

/** Bytes before the first entry. */
const headerLength = 12;

/**
 * Reads every object of a pack and compares it with its id and its checksum; one object is in memory at a time.
 * @returns does the pack hold, with its header and the checksum at its end? undefined when it is not there
 */
export async function checkPack(
  store: BlobStore,
  name: string,
  index: PackIndex,
  visit: Visit = () => undefined,
): Promise<boolean | undefined> {
  const stream = await PackStream.open(store, packName(name));
  if (stream === undefined) return undefined;
  try {
    let holds = (await readCount(stream)) === index.count;
    for await (const { oid, object, position } of readObjects(stream, index, 0)) {
      if (object === 'damaged') holds = false;
      visit(oid, object, position);
    }
    return (await stream.finish()) && holds;
  } finally {
    await stream.close();
  }
}

/**
 * As `checkPack`, for a pack that may take longer than there is time: its checksum is computed at a tenth of the speed.
 * @returns as `checkPack`, or where to go on
 */
export async function checkPackInParts(
  store: BlobStore,
  name: string,
  index: PackIndex,
  visit: Visit,
  { from, isOver }: CheckPart,
): Promise<boolean | undefined | CheckCursor> {
  const size = from?.size ?? (await store.stat(packName(name)))?.size;
  if (size === undefined) return undefined;
  const hash = from === undefined ? new Sha1() : Sha1.resume(from.sha1);
  const start = from?.offset ?? 0;
  const stream = await PackStream.open(store, packName(name), { start, length: size - start }, hash);
  if (stream === undefined) return undefined;
  try {
    let { entries = 0, holds = true } = from ?? {};
    if (from === undefined) holds = (await readCount(stream)) === index.count;
    const objects = readObjects(stream, index, entries);
    for await (const { oid, object, position } of objects) {
      if (object === 'damaged') holds = false;
      visit(oid, object, position);
      entries += 1;
      // Between two objects the stream has passed all of the first, and nothing of the second.
      if (isOver()) return { entries, offset: stream.offset, size, sha1: hash.save(), holds };
    }
    return (await stream.finish()) && holds;
  } finally {
    await stream.close();
  }
}

/** Where an entry is, only the index says: so what is damaged does not hide what comes behind it. */
async function* readObjects(
  stream: PackStream,
  index: PackIndex,
  from: number,
): AsyncGenerator<Checked & { position: number }> {
  for (const { length, position, ...entry } of index.inPackOrder(stream.size, from)) {
    stream.pass((await stream.peek(Math.max(0, entry.offset - stream.offset))).length);
    const bytes = await stream.peek(length);
    const object = bytes.length === length ? readChecked(bytes, entry) : 'damaged';
    stream.pass(bytes.length);
    yield { oid: entry.oid, object, position };
  }
}

/**
 * What the index of a pack must say, found by reading the pack alone. Undefined when the pack is damaged anywhere, or holds
 * deltas: those are made by people's git, which makes their index as well. Resolves the pack's own checksum, too.
 */
export async function indexPack(
  store: BlobStore,
  name: string,
  visit: Visit = () => undefined,
): Promise<{ entries: IndexedEntry[]; checksum: Buffer } | undefined> {
  const stream = await PackStream.open(store, packName(name));
  if (stream === undefined) return undefined;
  try {
    return await indexStream(stream, visit);
  } finally {
    await stream.close();
  }
}

async function indexStream(stream: PackStream, visit: Visit) {
  const entries: IndexedEntry[] = [];
  const count = (await readCount(stream)) ?? 0;
  while (entries.length < count) {
    const found = await readNext(stream);
    if (found === undefined) return undefined;
    const { object, length, crc } = found;
    const oid = hashObject(object.type, object.bytes);
    entries.push({ oid, crc, offset: stream.offset });
    visit(oid, object);
    stream.pass(length);
  }
  const checksum = Buffer.from((await stream.peek(21)).subarray(-20));
  const holds = stream.offset === stream.size - 20 && (await stream.finish());
  return holds && count > 0 ? { entries, checksum } : undefined;
}

/** The checksum that stands at the end of a pack, in hex; undefined when the pack is not there or too short for one. */
export async function endOfPack(store: BlobStore, name: string): Promise<string | undefined> {
  const size = (await store.stat(packName(name)))?.size ?? 0;
  if (size < headerLength + 20) return undefined;
  return (await store.get(packName(name), { start: size - 20, length: 20 }))?.bytes.toString('hex');
}

async function readCount(stream: PackStream): Promise<number | undefined> {
  const header = await stream.peek(headerLength);
  stream.pass(header.length);
  const isPack =
    header.length === headerLength && header.toString('latin1', 0, 4) === 'PACK' && header.readUInt32BE(4) === 2;
  return isPack ? header.readUInt32BE(8) : undefined;
}

function readChecked(bytes: Buffer, { oid, crc }: IndexedEntry): GitObject | 'delta' | 'damaged' {
  const header = readEntryHeader(bytes);
  if (header === undefined || crc32(bytes) !== crc) return 'damaged';
  if (header.type === undefined) return isDelta(bytes[0] ?? 0) ? 'delta' : 'damaged';
  const body = inflateEntry(bytes.subarray(header.length), header.size);
  return body !== undefined && hashObject(header.type, body) === oid ? { type: header.type, bytes: body } : 'damaged';
}

/** The entry that begins here, whose length nobody says. */
async function readNext(
  stream: PackStream,
): Promise<{ object: { type: ObjectType; bytes: Buffer }; length: number; crc: number } | undefined> {
  const header = readEntryHeader(await stream.peek(headerLength));
  if (header?.type === undefined) return undefined;
  const bytes = await stream.peek(Math.min(mostEntryBytes(header), stream.size));
  const found = inflateFirst(bytes.subarray(header.length), header.size);
  if (found === undefined) return undefined;
  const length = header.length + found.length;
  return { object: { type: header.type, bytes: found.body }, length, crc: crc32(bytes.subarray(0, length)) };
}
