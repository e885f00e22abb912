import * as fs from 'node:fs/promises';
import { dirname } from 'node:path';
import { BackupError } from '../../errors.ts';
import { ignoring, onDisk } from './errors.ts';

/**
 * The first folder that is there of a directory store's own and those above it; undefined for a container. Makes nothing.
 * Throws STORE_REFUSED or STORE_UNREACHABLE when this account could not make the rest below it.
 * @param address of the store: file:PATH
 */
export async function firstFolder(address: string): Promise<string | undefined> {
  if (!address.startsWith('file:')) return undefined;
  return onDisk(address, async () => {
    for (let path = address.slice('file:'.length); ; path = dirname(path)) {
      const found = await ignoring(['ENOENT'], fs.stat(path));
      if (found === undefined && dirname(path) !== path) continue;
      // A drive of Windows that is not there has nothing above it.
      if (found === undefined) throw noFolder(path);
      if (!found.isDirectory()) throw noFolder(path);
      await fs.access(path, fs.constants.W_OK | fs.constants.X_OK);
      return path;
    }
  });
}

function noFolder(path: string): BackupError {
  return new BackupError('STORE_UNREACHABLE', `${path} is no folder.`, { hint: 'Check the path of BACKUP_STORE.' });
}
