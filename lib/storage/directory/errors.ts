import { BackupError } from '../../errors.ts';

const refused = new Set(['EACCES', 'EPERM', 'EROFS']);
const nowhere = new Set(['ENOENT', 'ENOTDIR', 'EEXIST', 'EISDIR', 'ENAMETOOLONG', 'ELOOP', 'EINVAL']);
const full = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/** The value, or undefined when the work fails with one of these codes. Every other failure goes on. */
export async function ignoring<T>(codes: readonly string[], work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (codes.includes(codeOf(error))) return undefined;
    throw error;
  }
}

/** Does disk work and throws its failures as ours: STORE_FULL, STORE_REFUSED, else STORE_UNREACHABLE. */
export async function onDisk<T>(address: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toStoreError(error, address);
  }
}

/** A disk's error as ours; what is no error of the operating system stays what it is. */
export function toStoreError(error: unknown, address: string): unknown {
  const code = diskCode(error);
  if (code === undefined) return error;
  if (isFull(code)) return new BackupError('STORE_FULL', `The disk of ${address} is full (${code}).`, { cause: error });
  if (refused.has(code)) return refusal(error, code, address);
  const more = nowhere.has(code) ? { cause: error, hint: 'Check the path of BACKUP_STORE.' } : { cause: error };
  return new BackupError('STORE_UNREACHABLE', `${address} cannot be used (${code}).`, more);
}

function refusal(error: unknown, code: string, address: string): BackupError {
  const [text, hint] =
    code === 'EROFS'
      ? ['lies on a disk that can only be read', 'Mount the disk for writing, or check the path of BACKUP_STORE.']
      : ['may not be used by this account', 'Give the account that runs ago-backup the right to read and write there.'];
  return new BackupError('STORE_REFUSED', `${address} ${text} (${code}).`, { cause: error, hint });
}

/** The code of an error of the operating system; undefined for any other. */
export function diskCode(error: unknown): string | undefined {
  const code = codeOf(error);
  return /^E[A-Z0-9]+$/.test(code) ? code : undefined;
}

/** Does this code say that the disk is full? */
export function isFull(code: string): boolean {
  return full.has(code);
}

/** An error's code, or nothing. */
export function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : '';
}
