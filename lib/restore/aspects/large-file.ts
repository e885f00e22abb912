import type { Place, Writing } from '../../arcgis/writing/writing.ts';
import type { Item, Part } from '../../backup/item.ts';
import { BackupError } from '../../errors.ts';
import { namingOf, wantedBytes } from '../references/wanted.ts';
import { readPiece } from '../version.ts';
import { placeOf, type Target } from './aspect.ts';

/** Bytes: a file up to this goes in one request, a larger one in parts of this size; each but the last has at least 5 MB (restore.md 1.3). */
export const largest = 25 * 1024 * 1024;

/** How often putting the parts together is looked at, and how long apart (ms): an hour in all. */
const looks = 1200;
const pause = 3000;

/** Replaces the file of an item, part by part. */
export async function sendLarge(target: Target, item: Item, writing: Writing, part: Part, fileName: string) {
  const place = placeOf(item);
  await writing.updateLarge(place, fileName);
  await sendParts(target, place, writing, part, { fileName, type: item.type });
}

/** Sends the parts of an upload that has begun, puts them together, and waits for that. Throws RESTORE_REFUSED, RESTORE_DAMAGED. */
export async function sendParts(
  target: Pick<Target, 'archive' | 'clock' | 'version' | 'map'>,
  place: Place,
  writing: Writing,
  part: Part,
  { fileName, type }: { fileName: string; type: string },
): Promise<void> {
  const { archive, clock, version } = target;
  const isHeld = !part.lfs || namingOf(version, part, fileName) !== 'none';
  const whole = isHeld ? await wantedBytes(target, part, fileName) : undefined;
  const size = whole?.length ?? part.size;
  for (let n = 0; n * largest < size; n++) {
    const start = n * largest;
    const length = Math.min(largest, size - start);
    await writing.addPart(
      place,
      n + 1,
      whole === undefined
        ? { name: fileName, size: length, seal: part.sha256, read: () => readPiece(archive, part, start, length) }
        : new File([whole.subarray(start, start + length)], fileName),
    );
  }
  await writing.commit(place, type);
  for (let look = 0; look < looks; look++) {
    const status = await writing.status(place);
    if (status === 'completed') return;
    if (status === 'failed') break;
    await clock.sleep(pause);
  }
  throw new BackupError('RESTORE_REFUSED', `The portal did not put together the file of ${place.id}.`);
}
