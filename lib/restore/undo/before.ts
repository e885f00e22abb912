import { becameOf, readFolds, type Fold } from '../../archive/folds.ts';
import { BackupError } from '../../errors.ts';
import type { History } from '../../history/history.ts';
import { isSeen, type Seen } from '../../history/version-at.ts';
import type { RestoreDeps } from '../deps.ts';
import type { Journal } from '../journal/journal.ts';
import type { PlannedItem } from '../words.ts';

/** What was there before of the items that a restore touched. Throws RESTORE_DAMAGED. */
export async function versionsBefore(
  { run }: RestoreDeps,
  history: History,
  { standing }: Journal,
  touched: readonly PlannedItem[],
): Promise<Seen[]> {
  const folds = await readFolds(run.store);
  return touched.flatMap(({ itemId }) => {
    const saved = standing.saved.findLast(({ items }) => itemId in items);
    return saved === undefined ? [] : [versionIn(history, itemId, idNow(history, folds, saved.commit))];
  });
}

/** The id that a commit has since history was thinned out; none of its own where it went. */
function idNow({ commits }: History, folds: readonly Fold[], oid: string): string {
  const became = becameOf(folds, oid, (id) => commits.some((commit) => commit.oid === id));
  return became === undefined || became.isFolded ? oid : became.commit;
}

function versionIn(history: History, itemId: string, oid: string): Seen {
  const commit = history.commits.find((each) => each.oid === oid);
  const found = commit && history.versions(itemId, commit).find(isSeen);
  if (found !== undefined) return found;
  throw new BackupError('RESTORE_DAMAGED', `The archive lost what was saved of ${itemId} before the restore.`);
}
