import type { Clock } from '../clock.ts';
import { BackupError, isWorthAnother } from '../errors.ts';
import type { BlobStore } from '../storage/blob-store.ts';
import type { Proof } from './proofs.ts';

/** The two stores, and who hears of bytes. */
export interface Carrying {
  from: BlobStore;
  to: BlobStore;
  clock: Clock;
  /** hears how many bytes have come over; less than none where a body begins anew */
  tell: (bytes: number) => void;
}

/** A body that breaks off is begun anew, this often. */
const tries = 5;

/**
 * Streams a blob over, proved while it passes; it is seen only when it is whole. Throws STORE_DAMAGED when it is not what it
 * should be, and nothing was written. False when it is not there.
 */
export async function carry(carrying: Carrying, name: string, proof: Proof): Promise<boolean> {
  const { from, to, clock, tell } = carrying;
  for (let attempt = 1; ; attempt++) {
    let passed = 0;
    try {
      const found = await from.stream(name);
      if (found === undefined) return false;
      const heard = counted(found.body, (bytes) => {
        passed += bytes;
        tell(bytes);
      });
      await to.putStream(
        name,
        proof(heard, found.info.size, () => damagedIn(from, name)),
      );
      return true;
    } catch (error) {
      tell(-passed);
      if (attempt === tries || !isWorthAnother(error)) throw error;
      await clock.sleep(1000 * 2 ** (attempt - 1));
    }
  }
}

/** The one who is copied is damaged; nothing of that came over. */
export function damagedIn({ address }: BlobStore, name: string): BackupError {
  return new BackupError('STORE_DAMAGED', `${name} in ${address} is damaged; it was not copied.`, {
    hint: 'Run `ago-backup verify` and `ago-backup repair` with `--store` and that address, then copy again.',
  });
}

async function* counted(body: AsyncIterable<Uint8Array>, hear: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  for await (const piece of body) {
    hear(piece.length);
    yield piece;
  }
}
