import { numberOf } from '../../backup/words.ts';
import { BackupError } from '../../errors.ts';
import { writeUntil } from '../put-back.ts';
import type { UnderWay } from '../under-way.ts';
import type { Difference } from '../words.ts';
import type { LeftFolder } from './folder.ts';

/** Is it a folder that an undo deletes, and no item? */
export function isFolder({ journal }: Pick<UnderWay, 'journal'>, id: string): boolean {
  return journal.restore.removes !== undefined && id in journal.restore.removes;
}

/**
 * Deletes a folder that an earlier restore made, unless something is in it: deleting takes along what a folder holds. That is looked
 * for right before. What members have put there stays, and so does the folder, which is told.
 */
export async function endFolder(under: UnderWay, id: string): Promise<void> {
  const { journal, deps, restorer } = under;
  const { owner, title } = folderIn(under, id);
  const left = async () => {
    const folders = await restorer.portal.folders(owner);
    return folders.some((each) => each.id === id) ? restorer.portal.itemsInFolder(owner, id) : undefined;
  };
  const isDone = async () => ((await left()) ?? 1) > 0;
  const begin = () => journal.write({ kind: 'started', itemId: id, step: 'delete' });
  const isSettled = await writeUntil(
    { isDone, write: () => restorer.writing.removeFolder(owner, id), begin },
    deps.run.clock,
  );
  if (!isSettled) throw new BackupError('RESTORE_REFUSED', `The folder ${title} of ${owner} could not be deleted.`);
  const held = await left();
  const what = `the folder ${title} stays, for ${numberOf(held ?? 0, 'item')} lie in it that the restore did not put there`;
  const differences: Difference[] = held === undefined ? [] : [{ part: 'folder', what, equivalent: true }];
  const outcome = held === undefined ? 'restored' : 'equivalent';
  await journal.write({ kind: 'verified', itemId: id, outcome, differences, modified: 0 });
}

function folderIn({ journal }: UnderWay, id: string): LeftFolder {
  const found = journal.restore.removes?.[id];
  if (found !== undefined) return found;
  throw new BackupError('STORE_DAMAGED', `The plan of the restore lacks folder ${id}.`);
}
