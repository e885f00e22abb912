import { createHash } from 'node:crypto';
import type { BlobStore } from '../../storage/blob-store.ts';
import { indexOfPack, packName } from '../layout.ts';
import type { PackEntry } from './pack-entry.ts';
import { IndexBuilder } from './index-builder.ts';

/** What was written. */
export interface WrittenPack {
  name: string;
  objects: number;
  /** bytes */
  size: number;
}

/** Entries are handed on in pieces of about this size, bytes: most of them are smaller than a packet. */
const pieceSize = 256 * 1024;

/**
 * Streams entries into one pack and writes its index after it. The name is random, so that two attempts never mix.
 * @param count how many entries there will be: it stands at the start of the file
 */
export async function writePack(
  store: BlobStore,
  name: string,
  count: number,
  entries: AsyncIterable<PackEntry>,
): Promise<WrittenPack> {
  const index = new IndexBuilder();
  const hash = createHash('sha1');
  let checksum = Buffer.alloc(0);
  async function* bytes(): AsyncGenerator<Uint8Array> {
    yield packHeader(count);
    let offset = 12;
    for await (const entry of entries) {
      index.add({ oid: entry.oid, crc: entry.crc, offset });
      offset += entry.bytes.length;
      yield entry.bytes;
    }
    if (index.count !== count) throw new RangeError(`a pack of ${count} objects got ${index.count}`);
  }
  async function* hashed(): AsyncGenerator<Uint8Array> {
    for await (const piece of inPieces(bytes())) {
      hash.update(piece);
      yield piece;
    }
    checksum = hash.digest();
    yield checksum;
  }
  const { size } = await store.putStream(packName(name), hashed());
  await store.put(indexOfPack(name), index.encode(checksum));
  return { name, objects: count, size };
}

/** How a pack of so many objects begins. */
export function packHeader(count: number): Buffer {
  const header = Buffer.alloc(12);
  header.write('PACK');
  header.writeUInt32BE(2, 4);
  header.writeUInt32BE(count, 8);
  return header;
}

async function* inPieces(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let waiting: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    waiting.push(chunk);
    length += chunk.length;
    if (length < pieceSize) continue;
    yield Buffer.concat(waiting);
    waiting = [];
    length = 0;
  }
  if (length > 0) yield Buffer.concat(waiting);
}
