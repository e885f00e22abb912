import { constants, inflateSync } from 'node:zlib';
import { BackupError } from '../../errors.ts';

/**
 * Applies a git delta to its base. Throws STORE_DAMAGED when it does not fit.
 * https://git-scm.com/docs/pack-format#_deltified_representation
 */
export function applyDelta(base: Buffer, delta: Buffer): Buffer {
  const sizes = readSizes(delta);
  if (sizes.base !== base.length) throw misfit();
  const pieces: Buffer[] = [];
  for (let at = sizes.length; at < delta.length;) {
    const step = readStep(delta, at);
    if (step.insert === undefined && step.start + step.length > base.length) throw misfit();
    pieces.push(step.insert ?? base.subarray(step.start, step.start + step.length));
    at = step.next;
  }
  const result = Buffer.concat(pieces);
  if (result.length !== sizes.result) throw misfit();
  return result;
}

/** One step of a delta: bytes of its own, or some of the base; and where the next begins. */
type Step = { next: number } & ({ insert: Buffer } | { insert?: undefined; start: number; length: number });

/** Bytes of the longest step. */
const longestStep = 128;

function readStep(delta: Buffer, from: number): Step {
  let at = from;
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
  const code = next();
  if (code & 0x80) {
    const start = readBits(code & 15, 4);
    const length = readBits((code >> 4) & 7, 3) || 0x10000;
    return { start, length, next: at };
  }
  // 0 is reserved.
  if (code === 0 || at + code > delta.length) throw misfit();
  return { insert: delta.subarray(at, at + code), next: at + code };
}

/**
 * The same, of a delta and a base that are larger than memory should hold: the delta is read as it comes, of the base what it asks for.
 * @param size bytes of the base
 * @param read bytes of the base, from a place on
 */
export async function* applyDeltaPiecewise(
  { size, read }: { size: number; read: (start: number, length: number) => Promise<Uint8Array> },
  delta: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let held: Buffer = Buffer.alloc(0);
  let at = 0;
  let left: number | undefined;
  const steps = function* (isLast: boolean) {
    if (left === undefined) {
      const sizes = readSizes(held);
      if (sizes.base !== size) throw misfit();
      [at, left] = [sizes.length, sizes.result];
    }
    while (at < held.length && (isLast || at + longestStep <= held.length)) {
      const step = readStep(held, at);
      at = step.next;
      yield step;
    }
  };
  const made = async (step: Step): Promise<Uint8Array> => {
    if (step.insert === undefined && step.start + step.length > size) throw misfit();
    const bytes = step.insert ?? (await read(step.start, step.length));
    left = (left ?? 0) - bytes.length;
    return bytes;
  };
  for await (const piece of delta) {
    held = Buffer.concat([held.subarray(at), piece]);
    at = 0;
    if (held.length < longestStep) continue;
    for (const step of steps(false)) yield made(step);
  }
  for (const step of steps(true)) yield made(step);
  if (left !== 0) throw misfit();
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
