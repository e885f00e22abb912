import { createHash } from 'node:crypto';
import { BackupError, isCode } from '../errors.ts';
import type { BlobStore } from '../storage/blob-store.ts';
import { isOnDisk } from '../storage/address.ts';
import { readJson, writeJson } from '../storage/json-blobs.ts';

/** What a run that got through noted of the archive. */
export interface LastArchive {
  /** of the store */
  address: string;
  /** the latest commit; null when there is none */
  commit: string | null;
  runId: string;
  /** epoch ms */
  at: number;
}

/** A note outside of the archive, by which a store that has lost it is told from one that never held any. */
export interface ArchiveNote {
  /** Throws when no place could be read: then nobody knows. */
  read(): Promise<LastArchive | undefined>;
  /** Throws when it could be written nowhere. */
  write(note: LastArchive): Promise<void>;
}

/** Notes of archives, by their addresses: several may share a scratch. */
const noteName = (address: string) =>
  `last-archive/${createHash('sha256').update(address).digest('hex').slice(0, 16)}.json`;

/**
 * A note in several places, of which one is enough: a disk that is not mounted has taken the folders beside the archive with it.
 * @param places none = nothing is ever noted
 */
export function noteIn(places: readonly BlobStore[], address: string): ArchiveNote {
  const name = noteName(address);
  const inAny = async <T>(work: (place: BlobStore) => Promise<T>): Promise<T[]> => {
    const ends = await Promise.allSettled(places.map(work));
    const done = ends.filter((end) => end.status === 'fulfilled').map(({ value }) => value);
    const failed = ends.find((end) => end.status === 'rejected');
    if (done.length === 0 && failed !== undefined) throw failed.reason as Error;
    return done;
  };
  return {
    read: async () => {
      const found = await inAny((place) => orMissing(readJson<LastArchive>(place, name)));
      return found.filter((note) => note?.address === address).sort((a, b) => (b?.at ?? 0) - (a?.at ?? 0))[0];
    },
    write: async (note) => {
      await inAny(async (place) => {
        if ((await orMissing(writeJson(place, name, note).then(() => true))) === true) return;
        await place.create();
        await writeJson(place, name, note);
      });
    },
  };
}

async function orMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (!isCode(error, 'STORE_MISSING')) throw error;
    return undefined;
  }
}

const anew =
  'Only if it is gone for good, begin a new one: `ago-backup run --new-archive`, or POST {"newArchive": true} to /api/backups.';

/**
 * To be asked where a store without a commit is about to become an archive.
 * Throws STORE_VANISHED when there was one: what is gone must be missed, not begun anew.
 */
export async function refuseVanished(note: ArchiveNote, address: string): Promise<void> {
  const last = await note.read();
  if (last === undefined) return;
  const day = new Date(last.at).toISOString().slice(0, 10);
  const what = last.commit === null ? '' : `, at commit ${last.commit.slice(0, 10)}`;
  const how = isOnDisk(address)
    ? 'Check BACKUP_STORE, that its disk is mounted, and that nobody moved or deleted the archive.'
    : 'Check BACKUP_STORE, and that nobody deleted the archive; a deleted container can be undeleted.';
  const message = `${address} holds no archive, but a run of ${day} left one there${what}.`;
  throw new BackupError('STORE_VANISHED', message, { hint: `${how} ${anew}` });
}
