import { BackupError, endsRun } from '../../errors.ts';
import type { Target } from '../aspects/aspect.ts';
import { progressOf } from '../journal/entries.ts';
import type { UnderWay } from '../under-way.ts';
import type { Difference } from '../words.ts';
import { bringBack } from './bring-back.ts';
import { isAsItWas } from './as-it-was.ts';
import { compareLoaded, goingOf, refuseDifferent } from './compare-loaded.ts';
import { rowsProgress } from './rows-progress.ts';
import { copyingOf, copyWorkOf, rowsOf, serviceOf, workOf, type Rows } from './rows-of.ts';
import { compareRows } from './rows/compare/compare.ts';
import { differencesOfRows } from './rows/compare/words.ts';
import { removeCopy } from './rows/copy/copying.ts';
import { strangeLayers } from './rows/identity.ts';
import { loadRows } from './rows/load/load.ts';
import { mendRows } from './rows/mend/mend.ts';
import { openSource } from './rows/open-source.ts';
import type { RowSource } from './rows/source.ts';

/**
 * Makes the rows of a layer those of the version, or goes on with that. When it fails after rows have gone, those that were there before
 * are loaded back. Throws RESTORE_COPY, RESTORE_IDS, RESTORE_HALF, RESTORE_REFUSED, PORTAL_…, PartOver.
 */
export async function putBackRows(under: UnderWay, target: Target, isOver: () => boolean): Promise<void> {
  const rows = rowsOf(under, target, isOver);
  const { failure } = rowsProgress(rows.notes());
  if (failure !== null) return giveBack(rows, new BackupError(failure.code, failure.message, failure));
  await withSource(rows, (source) => (rows.wish.how === 'all' ? replace(rows, source) : mend(rows, source)));
}

/** Loads the rows of a version into a service that this restore has made, and compares them. Throws as `putBackRows`. */
export async function fillNew(under: UnderWay, target: Target, isOver: () => boolean): Promise<void> {
  const rows = rowsOf(under, target, isOver);
  await withSource(rows, async (source) => {
    await loadRows(workOf(rows), await serviceOf(rows), source);
    await rows.note({ is: 'loaded', differences: differencesOfRows(await compareLoaded(rows, source)) });
  });
}

/** What is loaded needs only to be tidied up after. */
async function withSource(rows: Rows, work: (source: RowSource) => Promise<void>): Promise<void> {
  const { target } = rows;
  const isLoaded = rowsProgress(rows.notes()).notes.some(({ is }) => is === 'loaded');
  if (isLoaded) return removeCopy(copyingOf(rows), target.version.itemId);
  const opened = await openSource(copyingOf(rows), target.version, copyWorkOf(rows));
  try {
    await work(opened.source);
  } catch (error) {
    if (error instanceof BackupError && !endsRun(error)) await opened.close();
    throw error;
  }
  await opened.close();
}

async function replace(rows: Rows, source: RowSource): Promise<void> {
  if (rowsProgress(rows.notes()).phase === null) {
    if (await isAsItWas(rows, source)) return;
    const strange = (await strangeLayers(await serviceOf(rows), source)).map(({ name }) => name);
    await rows.note({ is: 'emptying', ...(strange.length > 0 && { strange }) });
  }
  try {
    await loadRows(workOf(rows), await serviceOf(rows), source);
    const differences = differencesOfRows(await compareLoaded(rows, source));
    refuseDifferent(differences);
    await rows.note({
      is: 'loaded',
      differences: [...differences, ...rowsProgress(rows.notes()).strange.map(otherIds)],
    });
  } catch (error) {
    if (!(error instanceof BackupError) || endsRun(error)) throw error;
    await rows.note({ is: 'returning', failure: error.toJSON() });
    await giveBack(rows, error);
  }
}

/** Nobody can say whether these are the ids that the rows had (restore.md 2.2). */
function otherIds(name: string): Difference {
  const what = `${name}: none of the rows that were there had a global id of the version's, so these may be others than they were`;
  return { part: 'rows', what, equivalent: true };
}

/** Always throws: what has failed, when what was there before is there again. */
async function giveBack(rows: Rows, error: BackupError): Promise<never> {
  await bringBack(rows, error);
  await removeCopy(copyingOf(rows), rows.target.version.itemId);
  throw new BackupError(error.code, `${error.message} What was there before was loaded back.`, {
    hint: error.hint,
    cause: error,
  });
}

async function mend(rows: Rows, source: RowSource): Promise<void> {
  const { wish, note } = rows;
  await mendRows(workOf(rows), await serviceOf(rows), source, wish);
  const all = await compareRows(await serviceOf(rows), source, { fields: wish.fields }, goingOf(rows));
  const told = wish.how === 'missing' ? all.map((each) => ({ ...each, changed: 0, stamped: 0 })) : all;
  await note({ is: 'loaded', differences: differencesOfRows(told, wish.how === 'exact') });
}

/** What the journal says of how the rows came out; undefined where they were not put back. */
export function rowsEnd(under: Pick<UnderWay, 'journal'>, itemId: string): Difference[] | undefined {
  const loaded = progressOf(under.journal.standing, itemId).rows.findLast(({ is }) => is === 'loaded');
  return loaded?.is === 'loaded' ? loaded.differences : undefined;
}
