import { BackupError } from '../../errors.ts';
import type { Difference } from '../words.ts';
import { serviceOf, workOf, type Rows } from './rows-of.ts';
import { compareRows, type Going } from './rows/compare/compare.ts';
import type { LayerComparison } from './rows/compare/tally.ts';
import type { RowSource } from './rows/source.ts';

/** Compares what was loaded with what it was loaded from, or goes on with that. */
export async function compareLoaded(rows: Rows, source: RowSource): Promise<LayerComparison[]> {
  return compareRows(await serviceOf(rows), source, { isLoaded: true }, goingOf(rows));
}

/** Where comparing goes on, as the journal says. */
export function goingOf(rows: Rows): Going {
  const { notes, rest } = workOf(rows);
  const last = notes.findLast((each) => each.is === 'comparing');
  return {
    soFar: last?.is === 'comparing' ? last.soFar : { done: [] },
    rest: (soFar) => rest({ is: 'comparing', soFar }),
  };
}

/** Throws RESTORE_REFUSED when rows are not what they are to be. */
export function refuseDifferent(differences: readonly Difference[]): void {
  if (differences.every(({ equivalent }) => equivalent === true)) return;
  const words = differences.map(({ what }) => what).join('; ');
  throw new BackupError('RESTORE_REFUSED', `The rows are not those of the version: ${words}.`);
}
