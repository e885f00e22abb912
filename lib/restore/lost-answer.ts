import { isUncertain } from '../arcgis/writing/writer.ts';
import type { Clock } from '../clock.ts';

/** ms until what a lost answer may have made is looked for; it may show late. */
const pauses = [1000, 2000, 5000];

/** Makes one thing; where the answer is lost, it is looked for before anybody makes it again. Throws what making it throws. */
export async function makeOnce<T>(
  clock: Clock,
  make: () => Promise<T>,
  find: () => Promise<T | undefined>,
): Promise<T> {
  try {
    return await make();
  } catch (error) {
    if (!isUncertain(error)) throw error;
    for (const pause of pauses) {
      await clock.sleep(pause);
      const found = await find();
      if (found !== undefined) return found;
    }
    throw error;
  }
}

/** How often what is left is written. */
const mostWrites = 3;

/** Many things that are written together, or one after the other. */
export interface Many<T> {
  /** what is left of them, as it is now */
  look: () => Promise<readonly T[]>;
  /** may leave some, or all, where an answer is lost */
  write: (left: readonly T[]) => Promise<void>;
}

/**
 * Writes what is left; where the answer is lost it looks what is left then, and writes that. Throws what writing throws, and the third
 * lost answer.
 * @param first what is left, where that was looked at before
 */
export async function writeLeft<T>({ look, write }: Many<T>, first?: readonly T[]): Promise<void> {
  let left = first ?? (await look());
  for (let writes = 1; left.length > 0; writes++) {
    try {
      return await write(left);
    } catch (error) {
      if (!isUncertain(error) || writes >= mostWrites) throw error;
      left = await look();
    }
  }
}

/** Writes what is left until a look shows that nothing is. False when after the third time something still is. */
export async function writeAndLook<T>({ look, write }: Many<T>): Promise<boolean> {
  for (let writes = 0; ; writes++) {
    const left = await look();
    if (left.length === 0) return true;
    if (writes >= mostWrites) return false;
    try {
      await write(left);
    } catch (error) {
      if (!isUncertain(error)) throw error;
    }
  }
}
