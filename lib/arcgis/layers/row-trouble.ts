import { BackupError } from '../../errors.ts';

/** Why the rows of a layer cannot be called whole: three things that must not be told as one another. */

/** The layer was edited while it was read; read again, it may hold still. */
export function moved(): BackupError {
  return new BackupError('LISTING_INCOMPLETE', 'Rows were added or deleted while the layer was read.', {
    hint: 'Nothing to do: the next run reads the layer again.',
  });
}

/** The service gives fewer rows than it says it has. @param what it does, after "The service does not give all rows: " */
export function short(what: string): BackupError {
  return new BackupError('ITEM_TRUNCATED', `The service does not give all rows: ${what}.`, {
    hint: 'Open the table of the layer in the portal; if rows are missing there as well, ask Esri support.',
  });
}

/** The service's count is not that of its rows, whenever it is asked, while the rows themselves hold still. */
export interface WrongCount {
  counted: number;
  rows: number;
}
