import { BackupError } from '../../errors.ts';
import type { Expected } from './file-answer.ts';

/** Bytes; the portal takes files of up to 500 GB. */
const mostBytes = 1024 ** 4;

/**
 * How many bytes a file has, by the answer that begins it: NaN where it does not say, undefined where the answer is no file: a
 * gateway's "accepted", or a piece that nobody asked for. A piece from the beginning, which some caches give, is a file that breaks off.
 */
export function wholeSize({ status, headers }: Response): number | undefined {
  if (status === 206) {
    const total = /^bytes 0-\d+\/(\d+)$/.exec(headers.get('content-range') ?? '')?.[1];
    return total === undefined ? undefined : Number(total);
  }
  if (status === 204) return 0;
  if (status !== 200 && status !== 203) return undefined;
  // Packed on the way against our wish, it has another length than the one that is told.
  return headers.get('content-encoding') === null ? Number(headers.get('content-length') ?? NaN) : NaN;
}

/** What is wrong with a size that no file has, or that this one must not have. What is empty is told as that. */
export function wrongSize(what: string, size: number, { size: listed, isHeld }: Expected): BackupError | undefined {
  if (size > mostBytes)
    return new BackupError('ITEM_DAMAGED', `${what}: the portal says that it has ${size} bytes, which no file has.`);
  return isHeld === true && listed !== undefined && size > 0 && size !== listed
    ? otherSize(what, size, listed)
    : undefined;
}

/** There are fewer bytes, or more, than a record or a list of the portal says. @param what as the beginning of a sentence */
export function otherSize(what: string, size: number, listed: number): BackupError {
  return new BackupError('ITEM_DAMAGED', `${what}: the portal gives ${size} bytes, but lists it with ${listed}.`);
}
