import { constants, inflateSync } from 'node:zlib';
import { BackupError } from '../../errors.ts';

/**
 * Applies a git delta to its base. Throws STORE_DAMAGED when it does not fit.
 * https://git-scm.com/docs/pack-format#_deltified_representation
 */
export function applyDelta(base: Buffer, delta: Buffer): Buffer {
  const sizes = readSizes(delta);
  let at = sizes.length;
  const next = () => {
    const byte = delta[at++];
    if (byte === undefined) throw misfit();
    return byte;
  };
  const readBits = (flags: number, count: number) => {
    let value = 0;
    for (let n = 0; n < count; n++) if (flags & (1 << n)) value += next() * 256 ** n;
    return value;
  };
  if (sizes.base !== base.length) throw misfit();
  const pieces: Buffer[] = [];
  while (at < delta.length) {
    const code = next();
    if (code & 0x80) {
      const start = readBits(code & 15, 4);
      const length = readBits((code >> 4) & 7, 3) || 0x10000;
      if (start + length > base.length) throw misfit();
      pieces.push(base.subarray(start, start + length));
    } else {
      // 0 is reserved.
      if (code === 0 || at + code > delta.length) throw misfit();
      pieces.push(delta.subarray(at, at + code));
      at += code;
    }
  }
  const result = Buffer.concat(pieces);
  if (result.length !== sizes.result) throw misfit();
  return result;
}

function misfit(cause?: unknown): BackupError {
  return new BackupError('STORE_DAMAGED', 'A delta in a pack of the archive is damaged.', { cause });
}

/**
 * How far before a delta its base starts, in bytes, and how many bytes that number took. Every byte but the last adds one:
 * https://git-scm.com/docs/pack-format#_deltified_representation. Throws STORE_DAMAGED.
 */
export function readDistance(bytes: Buffer): { distance: number; length: number } {
  let distance = 0;
  for (let length = 1; length <= 8; length++) {
    const byte = bytes[length - 1];
    if (byte === undefined) break;
    distance += byte & 0x7f;
    if ((byte & 0x80) === 0) return { distance, length };
    distance = (distance + 1) * 128;
  }
  throw misfit();
}

/** Bytes of what a delta makes, by the first bytes of its zlib stream. Throws STORE_DAMAGED. */
export function sizeInDelta(bytes: Buffer): number {
  let head: Buffer;
  try {
    // The stream is cut: what has come out by then is enough.
    head = inflateSync(bytes.subarray(0, 512), { finishFlush: constants.Z_SYNC_FLUSH });
  } catch (cause) {
    throw misfit(cause);
  }
  return readSizes(head).result;
}

/** What a delta begins with: the bytes of its base, and of what it makes; and how many bytes those numbers took. Throws STORE_DAMAGED. */
function readSizes(delta: Buffer): { base: number; result: number; length: number } {
  let at = 0;
  const next = () => {
    let size = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = delta[at++];
      if (byte === undefined) throw misfit();
      size += (byte & 0x7f) * scale;
      if ((byte & 0x80) === 0) return size;
    }
  };
  return { base: next(), result: next(), length: at };
}
