import type { BlobStore, Range } from '../../storage/blob-store.ts';
import { allPacks } from '../layout.ts';
import { Lru } from '../lru.ts';

/** Bytes of a block, unless another size is asked for. */
const defaultSize = 512 * 1024;
/** Bytes of the blocks that are kept. */
const mostBytes = 32 * 1024 * 1024;

/** A block as the store gave it; `size` is that of the pack. */
type Block = NonNullable<Awaited<ReturnType<BlobStore['get']>>>;

/**
 * A store whose packs are read in blocks that are kept a while: for who reads many small objects of large packs, which lie side
 * by side there. Packs never change.
 * @param blockSize bytes of a block; small ones for who also reads here and there
 */
export function withBlocks(store: BlobStore, blockSize = defaultSize): BlobStore {
  const blocks = new Lru<Block | undefined>(mostBytes, (block) => block?.bytes.length ?? 100);
  const block = (name: string, n: number) =>
    blocks.get(`${name}:${n}`, () => store.get(name, { start: n * blockSize, length: blockSize }));
  const read = async (name: string, { start, length }: Range): Promise<Block | undefined> => {
    const pieces: Buffer[] = [];
    let last: Block | undefined;
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
  return {
    address: store.address,
    create: () => store.create(),
    get: (name, range) => {
      const isPack = name.startsWith(allPacks) && name.endsWith('.pack');
      // What is longer would push everything else out, and is read once.
      return isPack && range !== undefined && range.length <= 4 * blockSize
        ? read(name, range)
        : store.get(name, range);
    },
    stream: (name, range) => store.stream(name, range),
    stat: (name) => store.stat(name),
    put: (name, bytes, condition) => store.put(name, bytes, condition),
    putStream: (name, body) => store.putStream(name, body),
    copy: (from, to) => store.copy(from, to),
    delete: (name, etag) => store.delete(name, etag),
    list: (prefix) => store.list(prefix),
  };
}
