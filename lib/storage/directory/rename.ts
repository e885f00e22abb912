import * as fs from 'node:fs/promises';
import { systemClock, type Clock } from '../../clock.ts';
import { codeOf } from './errors.ts';

/** What Windows says while a scanner or an indexer holds a file open that is to be renamed, or renamed over. */
const held = new Set(['EPERM', 'EBUSY', 'EACCES']);
/** ms in all: a scanner lets go within a second or two */
const patience = 10_000;
const firstPause = 10;

/** What renaming is made of; all of it is for tests. */
export interface RenameParts {
  platform?: NodeJS.Platform;
  rename?: (from: string, to: string) => Promise<void>;
  clock?: Clock;
}

/**
 * Renames a file or a folder. On Windows what somebody else holds for a moment is tried again, for ten seconds at most; elsewhere
 * these codes mean that it is not allowed, and are thrown at once.
 */
export async function rename(from: string, to: string, parts: RenameParts = {}): Promise<void> {
  const { platform = process.platform, rename: act = fs.rename, clock = systemClock } = parts;
  const began = clock.now();
  for (let pause = firstPause; ; pause *= 2) {
    try {
      await act(from, to);
      return;
    } catch (error) {
      const isHeld = platform === 'win32' && held.has(codeOf(error));
      if (!isHeld || clock.now() - began + pause > patience) throw error;
      await clock.sleep(pause);
    }
  }
}
