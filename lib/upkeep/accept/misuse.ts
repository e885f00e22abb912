import { BackupError } from '../../errors.ts';

/** What cannot be accepted, or taken back, and what to do. */
export function misuse(message: string, hint: string): BackupError {
  return new BackupError('USAGE', message, { hint });
}
