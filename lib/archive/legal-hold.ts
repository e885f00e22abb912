import type { BlobStore } from '../storage/blob-store.ts';
import { holdName } from './layout.ts';

/** That nothing of the history may go, whatever BACKUP_KEEP says. */
export interface LegalHold {
  /** what its file says; may be empty */
  reason: string;
  /** since when, epoch ms */
  since: number;
}

/** Characters of a reason that are shown. */
const mostShown = 500;

/** The legal hold; undefined when there is none. A file that is there counts, whatever is in it. */
export async function readHold(store: BlobStore): Promise<LegalHold | undefined> {
  const blob = await store.get(holdName, { start: 0, length: 4 * mostShown });
  return blob && { reason: blob.bytes.toString().trim().slice(0, mostShown), since: blob.modified };
}

/** Puts the hold there, in place of an earlier one. */
export async function putHold(store: BlobStore, reason: string): Promise<void> {
  await store.put(holdName, Buffer.from(`${reason}\n`));
}

/** Takes it away. */
export async function releaseHold(store: BlobStore): Promise<void> {
  await store.delete(holdName);
}
