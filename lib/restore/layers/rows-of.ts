import { keepHold } from '../../archive/runs/run-holder.ts';
import { needItem, type Target } from '../aspects/aspect.ts';
import type { RowsNote } from '../journal/entries.ts';
import { progressOf } from '../journal/entries.ts';
import { PartOver } from '../part-over.ts';
import type { UnderWay } from '../under-way.ts';
import type { RowsWish } from '../words.ts';
import { rowsProgress } from './rows-progress.ts';
import type { Copying } from './rows/copy/copying.ts';
import type { RowsWork } from './rows/work.ts';

/** The rows of a hosted layer while they are put back (restore.md 2.3). */
export interface Rows {
  under: UnderWay;
  target: Target;
  wish: RowsWish;
  notes: () => readonly RowsNote[];
  note: (what: RowsNote) => Promise<void>;
  /** is it time to let the next part go on? */
  isOver: () => boolean;
}

/** The rows of an item under way. */
export function rowsOf(under: UnderWay, target: Target, isOver: () => boolean): Rows {
  const { journal } = under;
  const { itemId } = target.version;
  return {
    under,
    target,
    wish: journal.restore.rows ?? { how: 'all' },
    notes: () => progressOf(journal.standing, itemId).rows,
    note: (rows) => journal.write({ kind: 'rows', itemId, rows }),
    isOver,
  };
}

/** What loading and mending works with, as far as it has come. */
export function workOf({ under, notes, note, isOver }: Rows): RowsWork {
  const { restorer, deps, journal } = under;
  const hold = keepHold(deps.run);
  return {
    services: restorer.services,
    clock: deps.run.clock,
    notes: rowsProgress(notes()).notes,
    note,
    rest: async (at) => {
      // Rows may take longer than one of whom nothing is heard counts as alive.
      await hold(journal.restore.restoreId);
      if (!isOver()) return;
      if (at !== undefined) await note(at);
      throw new PartOver();
    },
  };
}

/** What opening a version works with: a copy that was proven stays one, whatever becomes of the rows. */
export function copyWorkOf(rows: Rows): RowsWork {
  return { ...workOf(rows), notes: rows.notes() };
}

/** Who makes copies for this restore. */
export function copyingOf({ under: { deps, restorer, account, journal } }: Rows): Copying {
  return { archive: deps.run, restorer, clock: deps.run.clock, account, mark: journal.restore.mark };
}

/** The living service. */
export async function serviceOf({ under, target }: Pick<Rows, 'under' | 'target'>) {
  return under.restorer.portal.hosted(await needItem(target));
}
