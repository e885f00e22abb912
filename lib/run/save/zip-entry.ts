import { inflateRawSync } from 'node:zlib';
import type yauzl from 'yauzl';

/** The bytes of a range of the zip, piece by piece; fewer when it ends before. */
export type ReadRange = (start: number, end: number) => AsyncIterable<Uint8Array>;

/** Bytes; an entry of no more is unpacked in one go. A stream for each of 100,000 costs more than what is in them. */
const mostAtOnce = 1024 * 1024;

/** What an entry unpacks to, piece by piece. Throws an Error when it has not as many bytes as the directory says. */
export async function* unpack(
  zip: yauzl.ZipFile,
  entry: yauzl.Entry,
  read: ReadRange,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { compressedSize, uncompressedSize, compressionMethod } = entry;
  const isStored = compressionMethod === 0;
  if (!isStored && Math.max(compressedSize, uncompressedSize) > mostAtOnce) {
    yield* (await zip.openReadStreamPromise(entry)) as AsyncIterable<Uint8Array>;
    return;
  }
  const { fileDataStart } = await zip.readLocalFileHeaderPromise(entry, { minimal: true });
  const packed = read(fileDataStart, fileDataStart + compressedSize);
  let length = 0;
  for await (const piece of isStored ? packed : inflated(packed, uncompressedSize)) {
    length += piece.length;
    yield piece;
  }
  if (length < uncompressedSize) throw new Error('not enough bytes in an entry');
}

async function* inflated(packed: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.concat(await Array.fromAsync(packed));
  try {
    // None at all is no bound that zlib knows.
    yield inflateRawSync(bytes, { maxOutputLength: Math.max(1, size) });
  } catch (error) {
    if (error instanceof RangeError) throw new Error('too many bytes in an entry', { cause: error });
    throw error;
  }
}
