import { isUncertain } from '../arcgis/writing/writer.ts';
import type { Writing } from '../arcgis/writing/writing.ts';
import type { Clock } from '../clock.ts';
import { needItem, type Aspect, type Target } from './aspects/aspect.ts';

/** ms after a write until it is looked for: what the portal says that it has done may show later, or never (restore.md 0). */
const pauses = [0, 1000, 2000, 5000];
const mostWrites = 3;

/**
 * Makes something what it is to be: looks, writes where it differs, looks again, and writes again what was lost, also where the answer
 * was. Nothing is written where nothing differs.
 * @param begin called before the first write
 * @returns whether it is as it is to be now
 */
export async function writeUntil(
  { isDone, write, begin }: { isDone: () => Promise<boolean>; write: () => Promise<void>; begin: () => Promise<void> },
  clock: Clock,
): Promise<boolean> {
  for (let writes = 0; ; writes++) {
    const looks = writes === 0 ? [0] : pauses;
    for (const pause of looks) {
      if (pause > 0) await clock.sleep(pause);
      if (await isDone()) return true;
    }
    if (writes >= mostWrites) return false;
    if (writes === 0) await begin();
    try {
      await write();
    } catch (error) {
      if (!isUncertain(error)) throw error;
    }
  }
}

/** Makes one aspect of an item what it is to be, as `writeUntil`. */
export function putBack(
  aspect: Aspect,
  target: Target,
  writing: Writing,
  begin: () => Promise<void>,
): Promise<boolean> {
  const isDone = async () => {
    const found = await aspect.compare(target, await needItem(target));
    return found.every(({ equivalent }) => equivalent === true);
  };
  const write = async () => aspect.write(target, await needItem(target), writing);
  return writeUntil({ isDone, write, begin }, target.clock);
}
