import { createWriteStream } from 'node:fs';
import * as fs from 'node:fs/promises';
import { dirname, join, resolve, toNamespacedPath } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { BackupError } from '../../errors.ts';
import { codeOf, diskCode, ignoring, isFull } from '../../storage/directory/errors.ts';
import { DamagedPart, type OutFile, type Target } from './take-out.ts';
import { rename } from '../../storage/directory/rename.ts';

/** A folder of this machine that files are put into. */
export interface FolderTarget extends Target {
  /** where files lie until their item is whole */
  readonly workspace: string;
  /** Clears away what is not whole, and the folder itself if it was made for nothing. */
  close(): Promise<void>;
}

const workspacePrefix = '.ago-backup-';

/**
 * Opens a folder to put items into: it must be empty or not there yet, unless what is in it may be overwritten. Every item is
 * written beside and moved into place when it is whole. Nothing is ever written through a link that leads elsewhere.
 * Throws TARGET_TAKEN and TARGET_REFUSED.
 * @param random hex digits
 */
export async function openFolder(
  to: string,
  { overwrite, random }: { overwrite: boolean; random: string },
): Promise<FolderTarget> {
  // Windows takes paths above 260 characters only in this form: https://learn.microsoft.com/windows/win32/fileio/naming-a-file
  const root = toNamespacedPath(resolve(to));
  const isNew = await onTarget(to, () => makePath(root));
  const held = await onTarget(to, () => fs.readdir(root));
  if (!overwrite && held.some((name) => !name.startsWith(workspacePrefix)))
    throw new BackupError('TARGET_TAKEN', `${to} is not empty.`);
  const workspace = join(root, workspacePrefix + random.slice(0, 12));
  await onTarget(to, () => fs.mkdir(workspace));
  return {
    workspace,
    atOnce: 8,
    put: (folder, files) => onTarget(to, () => putItem(root, workspace, folder, files)),
    close: async () => {
      await fs.rm(workspace, { recursive: true, force: true, maxRetries: 3 });
      if (isNew) await ignoring(['ENOTEMPTY', 'EEXIST', 'ENOENT'], fs.rmdir(root));
    },
  };
}

/**
 * Makes a folder and those above it; was it made? Not by `recursive`: where a system says of a folder that is there that it is
 * not, as Linux of what is made in /proc, that never ends.
 */
async function makePath(path: string): Promise<boolean> {
  try {
    await fs.mkdir(path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    const parent = dirname(path);
    const isLost = codeOf(error) === 'ENOENT' && (await ignoring(['ENOENT'], fs.stat(parent))) === undefined;
    if (!isLost || parent === path) throw error;
    await makePath(parent);
    await fs.mkdir(path);
    return true;
  }
}

let items = 0;

async function putItem(
  root: string,
  workspace: string,
  folder: string,
  files: readonly OutFile[],
): Promise<ReadonlySet<string>> {
  const place = join(workspace, String(items++));
  const damaged = new Set<string>();
  for (const file of files) if (!(await writeWhole(join(place, file.path), file))) damaged.add(file.path);
  const written = files.filter(({ path }) => !damaged.has(path));
  if (written.length === 0) return damaged;
  await makeFolders(root, dirname(folder));
  const isThere = (await ignoring(['ENOENT'], fs.lstat(join(root, folder)))) !== undefined;
  if (!isThere) await rename(join(place, folder), join(root, folder));
  else {
    for (const { path } of written) {
      await makeFolders(root, dirname(path));
      await rename(join(place, path), join(root, path));
    }
  }
  return damaged;
}

/** Writes a file; false when its bytes turn out to be damaged. */
async function writeWhole(path: string, { open, modified }: OutFile): Promise<boolean> {
  await fs.mkdir(dirname(path), { recursive: true });
  const out = createWriteStream(path, { flags: 'wx', flush: true });
  try {
    await pipeline(open(), out);
  } catch (error) {
    if (!(error instanceof DamagedPart)) throw error;
    // It may be opening still: then it would be made after it was removed.
    if (!out.closed) await new Promise<void>((resolve) => out.once('close', resolve));
    await fs.rm(path, { force: true });
    return false;
  }
  if (modified !== undefined) await fs.utimes(path, modified / 1000, modified / 1000);
  return true;
}

/** Makes the folders of a path below `root`, none of which may be a link: what is written must stay below it. */
async function makeFolders(root: string, path: string): Promise<void> {
  let at = root;
  for (const name of path.split('/')) {
    at = join(at, name);
    await ignoring(['EEXIST'], fs.mkdir(at));
    if (!(await fs.lstat(at)).isDirectory())
      throw new BackupError('TARGET_REFUSED', `${at} is in the way: it is no folder.`);
  }
}

/** Does work on the target's disk and throws its failures as ours. */
async function onTarget<T>(to: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toTargetError(error, to);
  }
}

/** A failure of the target's disk as ours: TARGET_FULL, else TARGET_REFUSED. What is none stays what it is. */
export function toTargetError(error: unknown, to: string): Error {
  const code = diskCode(error);
  if (code === undefined) return error instanceof Error ? error : new Error(String(error));
  if (isFull(code)) return new BackupError('TARGET_FULL', `The disk of ${to} is full (${code}).`, { cause: error });
  return new BackupError('TARGET_REFUSED', `${to} cannot be written (${code}).`, { cause: error });
}
