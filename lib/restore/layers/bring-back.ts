import { BackupError, endsRun } from '../../errors.ts';
import { needItem } from '../aspects/aspect.ts';
import { readVersion } from '../version.ts';
import { editsOf } from './edits.ts';
import { compareLoaded, refuseDifferent } from './compare-loaded.ts';
import { copyingOf, copyWorkOf, serviceOf, workOf, type Rows } from './rows-of.ts';
import { differencesOfRows } from './rows/compare/words.ts';
import { loadRows } from './rows/load/load.ts';
import { openSource } from './rows/open-source.ts';

/** Loads what was there before, or goes on with that. @param first why. Throws RESTORE_HALF, PartOver. */
export async function bringBack(rows: Rows, first: BackupError): Promise<void> {
  const { under, target, note } = rows;
  const { itemId } = target.version;
  const saved = under.journal.standing.saved.findLast(({ layers }) => layers !== undefined && itemId in layers);
  try {
    const tree = saved?.layers?.[itemId]?.tree;
    if (saved === undefined || tree === undefined)
      throw new BackupError('RESTORE_DAMAGED', 'It is not in the archive.');
    const before = await readVersion(under.deps.run, { itemId, commit: saved.commit, tree });
    const { source } = await openSource(copyingOf(rows), before, copyWorkOf(rows));
    await loadRows(workOf(rows), await serviceOf(rows), source);
    refuseDifferent(differencesOfRows(await compareLoaded(rows, source)));
  } catch (error) {
    if (!(error instanceof BackupError) || endsRun(error)) throw error;
    await note({ is: 'half' });
    throw new BackupError(
      'RESTORE_HALF',
      `${first.message} What was there before could not be loaded back either: ${error.message} It is commit ${saved?.commit ?? 'unknown'}.`,
    );
  }
  const edits = await editsOf(under.restorer.portal, await needItem(target));
  await note({ is: 'returned', edits });
}
