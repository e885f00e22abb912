import * as fs from 'node:fs/promises';
import { ignoring } from './errors.ts';

/** A lock as it was found. */
export interface Found {
  mark: string;
  /** epoch ms, by the clock of the disk */
  modified: number;
}

/** Makes the file of a lock, which names its holder; false when it is there. */
export async function take(path: string, mark: string): Promise<boolean> {
  const file = await ignoring(['EEXIST'], fs.open(path, 'wx'));
  if (file === undefined) return false;
  try {
    await file.writeFile(mark);
  } catch (error) {
    // A full disk must not leave a lock of nobody.
    await fs.rm(path, { force: true });
    throw error;
  } finally {
    await file.close();
  }
  return true;
}

/** The file of a lock, or undefined when there is none. */
export async function look(path: string): Promise<Found | undefined> {
  const file = await ignoring(['ENOENT'], fs.open(path));
  if (file === undefined) return undefined;
  try {
    return { modified: (await file.stat()).mtimeMs, mark: await file.readFile('utf8') };
  } finally {
    await file.close();
  }
}
