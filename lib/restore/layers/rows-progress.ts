import type { Failure } from '../../errors.ts';
import type { RowsNote } from '../journal/entries.ts';

/** What becomes of the rows of a layer that are all replaced. */
export interface RowsProgress {
  /** what is under way: those of the version go in, or those of before come back; null when neither was begun, or that has ended */
  phase: 'emptying' | 'returning' | null;
  /** what was written down since it began */
  notes: readonly RowsNote[];
  /** why those of before come back */
  failure: Failure | null;
  /** names of layers of which none of the rows that were there had a global id of the version's */
  strange: readonly string[];
}

const marks = new Set<RowsNote['is']>(['emptying', 'returning', 'returned', 'half']);

/** How far the rows of a layer are, as the journal says. */
export function rowsProgress(notes: readonly RowsNote[]): RowsProgress {
  const at = notes.findLastIndex(({ is }) => marks.has(is));
  const mark = notes[at];
  return {
    phase: mark?.is === 'emptying' || mark?.is === 'returning' ? mark.is : null,
    notes: notes.slice(at + 1),
    failure: mark?.is === 'returning' ? mark.failure : null,
    strange: mark?.is === 'emptying' ? (mark.strange ?? []) : [],
  };
}
