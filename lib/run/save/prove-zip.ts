import { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import yauzl from 'yauzl';
import { BackupError } from '../../errors.ts';
import { BlobWindows, type SizedBlob } from './blob-windows.ts';
import type { PassingZip } from './passing-zip.ts';
import { unpack, type ReadRange } from './zip-entry.ts';

/** A zip that lies in memory or in the store. */
export type ZipSource = Buffer | SizedBlob;

/** What was found in a zip that holds. */
export interface ProvenZip {
  /** names of its entries, at most 10,000 */
  names: readonly string[];
  /** false when it unpacks to more than is read: then only its directory and what came first is proven */
  whole: boolean;
}

/** Is told the name of each entry; what it answers gets the entry's bytes, piece by piece, while they are proven. */
export type Listener = (name: string) => ((piece: Uint8Array) => void) | undefined;

/** Unpacked bytes that are read at most: a zip bomb costs no more than this, or fifty times its size when that is more. */
const mostBytes = 4 * 1024 ** 3;
const mostTimes = 50;
const mostNames = 10_000;

/**
 * Opens a zip and reads every entry, so that lengths and checksums are known to hold before the item counts as saved.
 * Resolves to a sentence when they do not. Throws STORE_… when the store cannot be read.
 * @param passed the entries that were unpacked on the way: if the directory names just these, they are not read again
 * PKWARE APPNOTE, https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 */
export async function proveZip(
  source: ZipSource,
  listen?: () => Listener,
  passed?: PassingZip['entries'],
): Promise<ProvenZip | string> {
  const size = Buffer.isBuffer(source) ? source.length : source.size;
  const limit = Math.max(mostBytes, size * mostTimes);
  const read = Buffer.isBuffer(source) ? fromMemory(source) : fromStore(source);
  try {
    // Names are not used as paths, so strange ones do no harm.
    const options = { decodeStrings: false, autoClose: false };
    const open = () => yauzl.fromRandomAccessReaderPromise(new RangeReader(read), size, options);
    const names = passed && (await namesOfPassed(await open(), passed));
    return names === undefined ? await readZip(await open(), read, limit, listen?.()) : { names, whole: true };
  } catch (error) {
    if (!(error instanceof Error) || error instanceof BackupError) throw error;
    return `the zip is damaged (${error.message.slice(0, 200)})`;
  }
}

function fromStore(blob: SizedBlob): ReadRange {
  const windows = new BlobWindows(blob);
  return (start, end) => windows.read(start, end);
}

function fromMemory(bytes: Buffer): ReadRange {
  return async function* (start, end) {
    yield await Promise.resolve(bytes.subarray(start, end));
  };
}

/** Gives yauzl what it wants to read. */
class RangeReader extends yauzl.RandomAccessReader {
  readonly #read: ReadRange;

  constructor(read: ReadRange) {
    super();
    this.#read = read;
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return Readable.from(this.#read(start, end));
  }

  // Headers are read one by one; a stream for each would cost more than what is in them.
  override read(
    into: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null, bytesRead?: number) => void,
  ): void {
    this.#copy(into.subarray(offset, offset + length), position).then(
      (bytesRead) => callback(null, bytesRead),
      (error: unknown) => callback(error as Error),
    );
  }

  async #copy(into: Buffer, position: number): Promise<number> {
    let done = 0;
    for await (const piece of this.#read(position, position + into.length)) {
      into.set(piece, done);
      done += piece.length;
    }
    return done;
  }
}

/** The names of all entries, when they are those that passed; undefined when one is not, or more have passed. */
async function namesOfPassed(zip: yauzl.ZipFile, passed: NonNullable<PassingZip['entries']>) {
  const names: string[] = [];
  let count = 0;
  for await (const entry of entriesOf(zip)) {
    const name = nameOf(entry);
    const found = passed.get(entry.relativeOffsetOfLocalHeader);
    const isSame =
      found?.name === name &&
      found.crc === entry.crc32 &&
      found.packed === entry.compressedSize &&
      found.unpacked === entry.uncompressedSize;
    if (!isSame) return undefined;
    if (names.length < mostNames) names.push(name);
    count += 1;
  }
  return count > 0 && count === passed.size ? names : undefined;
}

const nameOf = (entry: yauzl.Entry) => (entry.fileName as unknown as Buffer).toString('utf8');

async function readZip(
  zip: yauzl.ZipFile,
  read: ReadRange,
  limit: number,
  listen?: Listener,
): Promise<ProvenZip | string> {
  const names: string[] = [];
  let unpacked = 0;
  for await (const entry of entriesOf(zip)) {
    const name = nameOf(entry);
    if (names.length < mostNames) names.push(name);
    if (unpacked + entry.uncompressedSize > limit) return { names, whole: false };
    // What is locked or packed in a way of its own cannot be read here; its length was checked with the directory.
    if (entry.isEncrypted() || !entry.canDecodeFileData()) continue;
    unpacked += entry.uncompressedSize;
    if ((await checksumOf(unpack(zip, entry, read), listen?.(name))) !== entry.crc32)
      return `the entry ${name.slice(0, 100)} of the zip does not have its checksum`;
  }
  return names.length === 0 ? 'the zip is empty' : { names, whole: true };
}

async function* entriesOf(zip: yauzl.ZipFile): AsyncGenerator<yauzl.Entry> {
  for (;;) {
    const entry = await new Promise<yauzl.Entry | undefined>((resolve, reject) => {
      const clear = () => zip.removeAllListeners('entry').removeAllListeners('end').removeAllListeners('error');
      zip.once('entry', (next: yauzl.Entry) => (clear(), resolve(next)));
      zip.once('end', () => (clear(), resolve(undefined)));
      zip.once('error', (error: Error) => (clear(), reject(error)));
      zip.readEntry();
    });
    if (entry === undefined) return;
    yield entry;
  }
}

async function checksumOf(bytes: AsyncIterable<Uint8Array>, hear?: ReturnType<Listener>): Promise<number> {
  let crc = 0;
  for await (const piece of bytes) {
    crc = crc32(piece, crc);
    hear?.(piece);
  }
  return crc;
}
