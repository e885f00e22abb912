import * as fs from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ignoring } from './errors.ts';
import { away } from './files.ts';
import { rename } from './rename.ts';

/** A desk's path, see `withLock`. */
export const deskName = (beside: string, random: string) => `${beside}.desk-${random}`;

/** What is moved away onto a desk goes with it; more is there only when the work failed. */
export async function removeDesk(desk: string): Promise<void> {
  await ignoring(['ENOENT'], fs.unlink(join(desk, away)));
  const removal = fs.rmdir(desk).then(() => true);
  if ((await ignoring(['ENOTEMPTY', 'EEXIST', 'ENOENT'], removal)) !== true)
    await fs.rm(desk, { recursive: true, force: true });
}

/** Removes what those who had the lock before could still have moved to its place. */
export async function clearOthers(beside: string, desk: string, random: () => string): Promise<void> {
  const [folder, beginning] = [dirname(beside), basename(deskName(beside, ''))];
  for (const name of await fs.readdir(folder)) {
    const path = join(folder, name);
    if (!name.startsWith(beginning) || path === desk) continue;
    // Under another name first, so that nothing is put on it while it is emptied.
    const cleared = `${beside}.cleared-${random()}`;
    await ignoring(['ENOENT'], rename(path, cleared));
    await fs.rm(cleared, { recursive: true, force: true });
  }
}
