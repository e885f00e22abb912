import { BackupError } from '../errors.ts';
import type { BlobStore } from '../storage/blob-store.ts';

/** What a take-over needs, for those who named something else. */
export const wanted =
  'A take-over needs the git repository that SEMCOG/Ago_Backup made: a working copy or a clone in which Users/<member>/<folder>/<type>/<title>/timestamp.txt lie.';

/** Throws nothing: the error that something at PATH is no such archive. */
export function refused(message: string, hint: string = wanted): BackupError {
  return new BackupError('TAKEOVER_REFUSED', message, { hint });
}

/** The old repository is broken; nothing is taken over, and nothing of it is changed. */
export function damagedSource({ address }: BlobStore, what: string, cause?: unknown): BackupError {
  return new BackupError('TAKEOVER_REFUSED', `The old repository ${address} is damaged: ${what}`, {
    hint: 'Run `git fsck` in it, mend it or take over a sound clone of it; nothing was changed.',
    cause,
  });
}
