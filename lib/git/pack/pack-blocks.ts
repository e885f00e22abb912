import type { Blob, BlobStore, Range } from '../../storage/blob-store.ts';
import { Lru } from '../lru.ts';
import { withPackRanges } from './pack-ranges.ts';

/** Bytes of a block, unless another size is asked for. */
const defaultSize = 512 * 1024;
/** Bytes of the blocks that are kept. */
const mostBytes = 32 * 1024 * 1024;

/**
 * A store whose packs are read in blocks that are kept a while: for who reads many small objects of large packs, which lie side
 * by side there. Packs never change.
 * @param blockSize bytes of a block; small ones for who also reads here and there
 */
export function withBlocks(store: BlobStore, blockSize = defaultSize): BlobStore {
  const blocks = new Lru<Blob | undefined>(mostBytes, (block) => block?.bytes.length ?? 100);
  const block = (name: string, n: number) =>
    blocks.get(`${name}:${n}`, () => store.get(name, { start: n * blockSize, length: blockSize }));
  const read = async (name: string, { start, length }: Range): Promise<Blob | undefined> => {
    const pieces: Buffer[] = [];
    let last: Blob | undefined;
    for (let at = start; at < start + length;) {
      last = await block(name, Math.floor(at / blockSize));
      if (last === undefined) return undefined;
      const from = at % blockSize;
      const piece = last.bytes.subarray(from, from + start + length - at);
      if (piece.length === 0) break;
      pieces.push(piece);
      at += piece.length;
    }
    return last && { ...last, bytes: pieces.length === 1 ? (pieces[0] ?? last.bytes) : Buffer.concat(pieces) };
  };
  // What is longer would push everything else out, and is read once.
  return withPackRanges(store, (name, range) =>
    range.length <= 4 * blockSize ? read(name, range) : store.get(name, range),
  );
}
