import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { checkName } from '../names.ts';

/** Where files lie while they are written, and locks; not part of the store's names. */
export const temporary = 'ago-backup/.tmp/';

/** Does the directory keep this name for itself? */
export function isReserved(name: string): boolean {
  return `${name}/`.startsWith(temporary) || (name.startsWith('refs/') && /\.lock(?:\.break)?$/.test(name));
}

/** The path of a blob. Throws TypeError for what is no name of one. */
export function pathOf(root: string, name: string): string {
  if (isReserved(checkName(name))) throw new TypeError(`${JSON.stringify(name)} is a name of the directory's own`);
  return join(root, ...name.split('/'));
}

/** The lock that a write of this name takes, and how the paths of its other files begin. */
export function lockOf(root: string, name: string): { lock: string; beside: string } {
  const beside = join(root, temporary, createHash('sha256').update(name).digest('hex'));
  // In refs/ the lock is the one that git itself takes.
  return { lock: name.startsWith('refs/') ? `${pathOf(root, name)}.lock` : `${beside}.lock`, beside };
}
