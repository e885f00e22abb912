import { crc32 } from 'node:zlib';
import { BackupError } from '../../errors.ts';
import type { BlobStore } from '../../storage/blob-store.ts';
import { packName } from '../layout.ts';
import { isDelta, readEntryHeader, type PackEntry } from './pack-entry.ts';
import type { PackIndex } from './pack-index.ts';
import { PackStream } from './pack-stream.ts';

/** A pack that is copied from. */
export interface PackSource {
  name: string;
  /** bytes of the whole pack */
  size: number;
  index: PackIndex;
}

/**
 * The objects of several packs for a new one, each once, as they lie there: raw copies, checked against the index, one in
 * memory at a time. Commits and folders come first, since whoever reads history reads them together. Throws STORE_DAMAGED.
 * @param isKept by id: which of them are taken over
 */
export async function* copyEntries(
  store: BlobStore,
  sources: readonly PackSource[],
  isKept: (oid: string) => boolean = () => true,
): AsyncGenerator<PackEntry> {
  for (const isWanted of [isFolder, isFile])
    for (const { source, isHere } of eachOnce(sources))
      for await (const entry of readEntries(store, source))
        if (isWanted(entry.bytes) && isHere(entry.oid) && isKept(entry.oid)) yield checked(source, entry);
}

/** How many objects `copyEntries` copies. */
export function countEntries(sources: readonly PackSource[], isKept: (oid: string) => boolean = () => true): number {
  let count = 0;
  for (const { source, isHere } of eachOnce(sources))
    for (const { oid } of source.index.entries()) count += Number(isHere(oid) && isKept(oid));
  return count;
}

/** Does a pack hold deltas? Only people's git makes them, and they cannot be copied one by one. Throws STORE_DAMAGED. */
export async function hasDeltas(store: BlobStore, source: PackSource): Promise<boolean> {
  for await (const { bytes } of readEntries(store, source)) if (isDelta(bytes[0] ?? 0)) return true;
  return false;
}

/**
 * Packs, and which of their objects are taken from each: those that no larger pack has. So the many objects of the largest
 * are looked up nowhere.
 */
function eachOnce(sources: readonly PackSource[]): { source: PackSource; isHere: (oid: string) => boolean }[] {
  const sorted = [...sources].sort((a, b) => b.index.count - a.index.count);
  return sorted.map((source, n) => {
    const larger = sorted.slice(0, n);
    return { source, isHere: (oid) => larger.every(({ index }) => index.find(oid) === undefined) };
  });
}

const isFile = (bytes: Buffer) => readEntryHeader(bytes)?.type === 'blob';
const isFolder = (bytes: Buffer) => !isFile(bytes);

/** The bytes are valid until the next entry is asked for. */
async function* readEntries(store: BlobStore, { name, index }: PackSource): AsyncGenerator<Placed> {
  const stream = await PackStream.open(store, packName(name));
  if (stream === undefined) throw new BackupError('STORE_DAMAGED', `${packName(name)} is missing.`);
  try {
    for (const { length, ...entry } of index.inPackOrder(stream.size)) {
      stream.pass((await stream.peek(Math.max(0, entry.offset - stream.offset))).length);
      const bytes = await stream.peek(length);
      yield { ...entry, bytes };
      stream.pass(bytes.length);
    }
  } finally {
    await stream.close();
  }
}

interface Placed extends PackEntry {
  /** bytes from the start of the pack */
  offset: number;
}

function checked({ name }: PackSource, { oid, crc, bytes, offset }: Placed): PackEntry {
  if (crc32(bytes) !== crc) throw new BackupError('STORE_DAMAGED', `${packName(name)} is damaged at byte ${offset}.`);
  return { oid, crc, bytes };
}
