import * as fs from 'node:fs/promises';
import { dirname } from 'node:path';
import { ignoring } from './directory-errors.ts';

/** Makes a folder's entries outlive a power cut. */
export type SyncFolder = (folder: string) => Promise<void>;

/**
 * The folders of a store. A file that is safe on the disk is lost all the same when the entry of its folder is not: each
 * new folder is synced in its parent, up to the first that was there.
 */
export class Folders {
  readonly #root: string;
  readonly #sync: SyncFolder;
  /** below the root, and known to be synced in their parents; what is there may have been made by somebody just now */
  readonly #lasting = new Set<string>();

  constructor(root: string, sync: SyncFolder = syncFolder) {
    this.#root = root;
    this.#sync = sync;
  }

  /** Makes a folder that lasts, with those above it. */
  async make(folder: string): Promise<void> {
    const first = await fs.mkdir(folder, { recursive: true });
    const isNew = (each: string) => first !== undefined && each.length >= first.length;
    for (let each = folder; isNew(each) || each.length > this.#root.length; each = dirname(each)) {
      if (!isNew(each) && this.#lasting.has(each)) continue;
      await this.#sync(dirname(each));
      this.#lasting.add(each);
    }
  }

  /** As `make`, of a folder that nobody removes: once is enough. */
  async keep(folder: string): Promise<void> {
    if (!this.#lasting.has(folder)) await this.make(folder);
  }

  /** Makes what was moved into a folder, or out of it, last. */
  sync(folder: string): Promise<void> {
    return this.#sync(folder);
  }

  /** Removes a folder if it is empty; was it? */
  async removeEmpty(folder: string): Promise<boolean> {
    this.#lasting.delete(folder);
    const removal = fs.rmdir(folder).then(() => true);
    return (await ignoring(['ENOTEMPTY', 'EEXIST', 'ENOENT', 'ENOTDIR'], removal)) === true;
  }
}

// Windows cannot, and need not, sync a folder; nor can some network disks.
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await fs.open(path);
  try {
    await ignoring(['EINVAL', 'ENOTSUP'], folder.sync());
  } finally {
    await folder.close();
  }
}
