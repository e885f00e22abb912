import * as fs from 'node:fs/promises';
import { dirname } from 'node:path';
import { codeOf, ignoring } from './errors.ts';

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
    const first = await makeFolder(folder);
    const isNew = (each: string) => first !== undefined && each.length >= first.length;
    for (let each = folder; isNew(each) || each.length > this.#root.length; each = dirname(each)) {
      if (!isNew(each) && this.#lasting.has(each)) continue;
      await this.#sync(dirname(each));
      this.#lasting.add(each);
    }
  }

  /** As `make`, but once: for a folder that nobody removes, or for who finds out that it is not there. */
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

/** Each try loses against a delete that takes the empty folder above; where the disk refuses, the last one says so. */
const mostTries = 20;

/**
 * Makes a folder with those above it; the first that was missing, or undefined when none was. Not Node's `recursive`: it
 * spins for ever where a disk refuses with ENOENT, as /proc does, and calls a disk that is read-only one without the path.
 */
export async function makeFolder(folder: string, tries = mostTries): Promise<string | undefined> {
  try {
    await fs.mkdir(folder);
    return folder;
  } catch (error) {
    if (await isFolder(folder)) return undefined;
    const above = dirname(folder);
    // It was there, and a delete has taken it before we looked; a file in its place stays, and is an error at the end.
    if (codeOf(error) === 'EEXIST' && tries > 1) return makeFolder(folder, tries - 1);
    if (codeOf(error) !== 'ENOENT' || above === folder || tries === 1) throw error;
    const first = await makeFolder(above, tries);
    const next = await makeFolder(folder, tries - 1);
    return first ?? next;
  }
}

async function isFolder(path: string): Promise<boolean> {
  const found = await ignoring(['ENOENT', 'ENOTDIR'], fs.stat(path));
  return found?.isDirectory() === true;
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
