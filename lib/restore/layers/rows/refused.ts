import type { EditResult } from '../../../arcgis/writing/service-writing.ts';
import { BackupError } from '../../../errors.ts';

/** What the portal did not do with some rows, in the words that tell most: of all those that it took back with one that is wrong, that one's. */
export function refusedRows(layer: string, verb: 'added' | 'changed', results: readonly EditResult[]): BackupError {
  const troubles = results.flatMap(({ success, trouble }) => (success || trouble === undefined ? [] : [trouble]));
  const why = troubles.find((each) => !/rolled back/i.test(each)) ?? troubles[0] ?? 'the portal did not say why.';
  return new BackupError('RESTORE_REFUSED', `Rows of layer ${layer} could not be ${verb}: ${why}`);
}
