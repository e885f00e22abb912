import type { Archive } from '../../../../archive/archive.ts';
import type { Item } from '../../../../backup/item.ts';
import type { Clock } from '../../../../clock.ts';
import { BackupError } from '../../../../errors.ts';
import { placeOf } from '../../../aspects/aspect.ts';
import type { Restorer } from '../../../deps.ts';
import { makeOnce, writeAndLook } from '../../../lost-answer.ts';
import type { VersionAt } from '../../../version.ts';

/** Who makes a copy, and under whose mark. */
export interface Copying {
  archive: Archive;
  restorer: Restorer;
  clock: Clock;
  account: string;
  /** of the restore */
  mark: string;
}

/** What the copies of all versions of an item are called in the beginning. */
function prefixOf(itemId: string, mark: string): string {
  return `zz_restore_${itemId.slice(0, 8)}_${mark}`;
}

/** The name of the file and of the service, by which both are found again; another version has another. */
export function nameOf({ itemId, tree }: Pick<VersionAt, 'itemId' | 'tree'>, mark: string): string {
  return `${prefixOf(itemId, mark)}_${tree.slice(0, 8)}`;
}

/** What is in the portal of the copies of an item, of this restore: the account's own, under a name that has its mark. */
export async function temporary({ restorer, account, mark }: Copying, itemId: string): Promise<Item[]> {
  const prefix = prefixOf(itemId, mark);
  const own = await restorer.portal.newest(account);
  return own.filter(
    ({ title, owner }) => title?.startsWith(prefix) === true && owner.toLowerCase() === account.toLowerCase(),
  );
}

/** The copy of one version, of one type. */
export async function copyOf(copying: Copying, version: VersionAt, type: string): Promise<Item | undefined> {
  const name = nameOf(version, copying.mark);
  return (await temporary(copying, version.itemId)).find((each) => each.title === name && each.type === type);
}

/** Makes something; where the answer is lost, it is looked for by its name. */
export function sure(copying: Copying, version: VersionAt, type: string, make: () => Promise<string>): Promise<string> {
  return makeOnce(copying.clock, make, async () => (await copyOf(copying, version, type))?.id);
}

/** Deletes the copies of an item for good, services before files: in the recycle bin they would keep their name. Throws RESTORE_REFUSED. */
export async function removeCopy(copying: Copying, itemId: string): Promise<void> {
  const isGone = await writeAndLook({
    look: async () => (await temporary(copying, itemId)).sort((a, b) => (a.type < b.type ? -1 : 1)),
    write: async (left) => {
      for (const item of left) await copying.restorer.writing.remove(placeOf(item), true);
    },
  });
  if (isGone) return;
  const name = prefixOf(itemId, copying.mark);
  throw new BackupError('RESTORE_REFUSED', `The temporary copy ${name} could not be deleted.`);
}
