import { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import yauzl from 'yauzl';
import { BackupError } from '../../errors.ts';
import type { BlobStore } from '../../storage/blob-store.ts';

/** A zip that lies in memory or in the store. */
export type ZipSource = Buffer | { store: BlobStore; name: string; size: number };

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
 * PKWARE APPNOTE, https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 */
export async function proveZip(source: ZipSource, listen?: Listener): Promise<ProvenZip | string> {
  const size = Buffer.isBuffer(source) ? source.length : source.size;
  const limit = Math.max(mostBytes, size * mostTimes);
  try {
    return await readZip(await open(source), limit, listen);
  } catch (error) {
    if (!(error instanceof Error) || error instanceof BackupError) throw error;
    return `the zip is damaged (${error.message.slice(0, 200)})`;
  }
}

function open(source: ZipSource): Promise<yauzl.ZipFile> {
  // Names are not used as paths, so strange ones do no harm.
  const options = { lazyEntries: true, decodeStrings: false, autoClose: false };
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, zip?: yauzl.ZipFile) =>
      error || !zip ? reject(error ?? new Error('not opened')) : resolve(zip);
    if (Buffer.isBuffer(source)) yauzl.fromBuffer(source, options, done);
    else yauzl.fromRandomAccessReader(new BlobReader(source.store, source.name), source.size, options, done);
  });
}

/** Reads a blob of the store where yauzl wants it. */
class BlobReader extends yauzl.RandomAccessReader {
  readonly #store: BlobStore;
  readonly #name: string;

  constructor(store: BlobStore, name: string) {
    super();
    this.#store = store;
    this.#name = name;
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return Readable.from(this.#read(start, end - start));
  }

  async *#read(start: number, length: number): AsyncGenerator<Uint8Array> {
    const found = await this.#store.stream(this.#name, { start, length });
    if (found === undefined)
      throw new BackupError('STORE_DAMAGED', `${this.#name} disappeared from ${this.#store.address}.`);
    yield* found.body;
  }
}

async function readZip(zip: yauzl.ZipFile, limit: number, listen?: Listener): Promise<ProvenZip | string> {
  const names: string[] = [];
  let read = 0;
  for await (const entry of entriesOf(zip)) {
    const name = (entry.fileName as unknown as Buffer).toString('utf8');
    if (names.length < mostNames) names.push(name);
    if (read + entry.uncompressedSize > limit) return { names, whole: false };
    // What is locked or packed in a way of its own cannot be read here; its length was checked with the directory.
    if (entry.isEncrypted() || !entry.canDecodeFileData()) continue;
    read += entry.uncompressedSize;
    if ((await checksumOf(zip, entry, listen?.(name))) !== entry.crc32)
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

async function checksumOf(zip: yauzl.ZipFile, entry: yauzl.Entry, hear?: ReturnType<Listener>): Promise<number> {
  const stream = await new Promise<Readable>((resolve, reject) => {
    zip.openReadStream(entry, (error, opened) => (error ? reject(error) : resolve(opened)));
  });
  let crc = 0;
  for await (const piece of stream as AsyncIterable<Buffer>) {
    crc = crc32(piece, crc);
    hear?.(piece);
  }
  return crc;
}
