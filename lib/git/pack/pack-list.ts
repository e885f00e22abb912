import { BackupError } from '../../errors.ts';
import type { BlobStore } from '../../storage/blob-store.ts';
import { infoPacks, packsText, readPacks } from '../layout.ts';

/** How often a list that others change meanwhile is tried; they are few, and each of them wins only once. */
const attempts = 20;

/** The packs that objects/info/packs lists, newest first; none where it is lost. */
export async function listedPacks(store: BlobStore): Promise<string[]> {
  return readPacks((await store.get(infoPacks))?.bytes.toString() ?? '');
}

/**
 * Changes objects/info/packs. Publishing and merging both do, so it is written only from what was read.
 * Throws STORE_UNREACHABLE (retryable) when it never stands still.
 * @param change the new list, or undefined when nothing is to be done; may be asked again
 */
export async function changePacks(
  store: BlobStore,
  change: (packs: readonly string[]) => readonly string[] | undefined,
): Promise<boolean> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const list = await store.get(infoPacks);
    const packs = change(list === undefined ? [] : readPacks(list.bytes.toString()));
    if (packs === undefined) return false;
    const condition = list === undefined ? { absent: true as const } : { etag: list.etag };
    if ((await store.put(infoPacks, Buffer.from(packsText(packs)), condition)) !== undefined) return true;
  }
  throw new BackupError('STORE_UNREACHABLE', `${infoPacks} changes too often to be written.`, { retryable: true });
}
