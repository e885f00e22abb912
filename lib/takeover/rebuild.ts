import { createWriteStream } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { BackupError } from '../errors.ts';
import { applyDeltaPiecewise } from '../git/pack/delta.ts';

/**
 * Makes an object that git keeps as deltas, larger than memory should hold: each step lies in a file of this machine's temporary folder while
 * the next is made of it. Throws TARGET_FULL, STORE_DAMAGED.
 * @param base what the chain ends in
 * @param deltas that which builds on it first
 */
export async function* rebuild(
  base: AsyncIterable<Uint8Array>,
  deltas: readonly (() => AsyncIterable<Uint8Array>)[],
): AsyncGenerator<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), 'ago-backup-'));
  try {
    let made = base;
    for (const [n, delta] of deltas.entries()) {
      const path = join(folder, String(n));
      await pipeline(made, createWriteStream(path));
      if (n > 0) await rm(join(folder, String(n - 1)));
      made = madeOf(path, delta());
    }
    yield* made;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOSPC') throw cause;
    throw new BackupError('TARGET_FULL', `${tmpdir()} has no room for a large file of the old repository.`, {
      hint: 'Free space there, or let TMPDIR name a folder on another disk.',
      cause,
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function* madeOf(path: string, delta: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const read = async (start: number, length: number) => {
      const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(length), 0, length, start);
      return buffer.subarray(0, bytesRead);
    };
    yield* applyDeltaPiecewise({ size, read }, delta);
  } finally {
    await file.close();
  }
}
