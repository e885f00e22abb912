import { oneLine } from '../../backup/words.ts';
import { BackupError } from '../../errors.ts';

/**
 * One name as a part of an address. Half a surrogate pair, which no address can hold, becomes U+FFFD; `.` and `..` would
 * make it the address of something else, also encoded (https://url.spec.whatwg.org/#path-state). Throws ITEM_DAMAGED.
 */
export function segment(name: string): string {
  if (name === '.' || name === '..') {
    throw new BackupError('ITEM_DAMAGED', `The portal names something "${name}", which cannot be asked for.`);
  }
  checkLength(name);
  return encodeURIComponent(name.toWellFormed());
}

/** A name of several parts, with slashes between them, as the end of an address. Throws ITEM_DAMAGED. */
export function segments(name: string): string {
  checkLength(name);
  return name.split('/').map(segment).join('/');
}

function checkLength(name: string): void {
  if (name.length <= mostCharacters) return;
  throw new BackupError('ITEM_DAMAGED', `The name ${oneLine(name, 50)} is too long to be asked for.`);
}

/** Servers take addresses of some thousand bytes. */
const mostCharacters = 4000;
