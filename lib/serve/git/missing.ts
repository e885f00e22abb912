import { BackupError } from '../../errors.ts';

/** An object that the history leads to is not there: what is sent without it would be a wrong clone. */
export function missing(oid: string): never {
  throw new BackupError('STORE_DAMAGED', `The object ${oid} of the archive is missing.`);
}
