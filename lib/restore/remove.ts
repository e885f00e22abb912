import type { Clock } from '../clock.ts';
import { BackupError } from '../errors.ts';
import { placeOf } from './aspects/aspect.ts';
import type { Restorer } from './deps.ts';
import { writeUntil } from './put-back.ts';

/**
 * Deletes an item, into the recycle bin or for good, also a protected one and also where an answer is lost. What is gone is gone. Throws
 * RESTORE_REFUSED.
 */
export async function removeItemOf(
  { portal, writing }: Pick<Restorer, 'portal' | 'writing'>,
  clock: Clock,
  { id, forGood }: { id: string; forGood: boolean },
): Promise<void> {
  const write = async () => {
    const item = await portal.item(id);
    if (item === undefined) return;
    if (item['protected'] === true) await writing.protect(placeOf(item), false);
    await writing.remove(placeOf(item), forGood);
  };
  const isDone = async () => (await portal.item(id)) === undefined;
  if (await writeUntil({ isDone, write, begin: () => Promise.resolve() }, clock)) return;
  throw new BackupError(
    'RESTORE_REFUSED',
    `Item ${id} is there still, although the portal said that it had deleted it.`,
  );
}

/** Takes an item out of the recycle bin, also where an answer is lost. Throws RESTORE_REFUSED, RESTORE_GONE. */
export async function undelete(
  { portal, writing }: Pick<Restorer, 'portal' | 'writing'>,
  clock: Clock,
  item: { id: string; owner: string },
): Promise<void> {
  const isDone = async () => (await portal.item(item.id)) !== undefined;
  const write = () => writing.undelete(item);
  if (await writeUntil({ isDone, write, begin: () => Promise.resolve() }, clock)) return;
  throw new BackupError('RESTORE_GONE', `Item ${item.id} did not come out of the recycle bin.`);
}
