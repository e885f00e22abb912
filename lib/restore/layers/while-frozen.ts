import { BackupError, endsRun } from '../../errors.ts';
import { needItem, type Target } from '../aspects/aspect.ts';
import type { Frozen } from '../journal/entries.ts';
import type { UnderWay } from '../under-way.ts';
import { editsOf } from './edits.ts';
import { freeze, frozenIn, frozenOf, thaw } from './frozen.ts';
import { rowsOf, serviceOf, type Rows } from './rows-of.ts';

/**
 * Does the work on a layer while nobody else edits it; afterwards it is open again as it was, also when the work fails. What ends the
 * whole restore, or a part of it, leaves it closed until that goes on. Throws RESTORE_STALE when rows were edited since they were saved.
 */
export async function whileFrozen(under: UnderWay, target: Target, work: () => Promise<void>): Promise<void> {
  const rows = rowsOf(under, target, () => false);
  // Whoever mends single rows is in nobody's way.
  if (rows.wish.how !== 'all') {
    await refuseEdited(rows, rows.wish.how === 'exact');
    return work();
  }
  const { restorer } = under;
  const before = frozenIn(rows.notes()) ?? (await remember(rows));
  try {
    await freeze(restorer, target.id, before, under.deps.run.clock);
    await refuseEdited(rows, true);
    await work();
  } catch (error) {
    // Nobody is to edit a layer that lacks rows.
    if (error instanceof BackupError && !endsRun(error) && error.code !== 'RESTORE_HALF') await open(rows);
    throw error;
  }
  await open(rows);
}

/** How the service is, written down before it is closed. */
async function remember(rows: Rows): Promise<Frozen> {
  const { under, target, note } = rows;
  // One that is taken back may have left it closed.
  const left = under.journal.restore.targets[target.version.itemId]?.frozen;
  const before = left ?? frozenOf(await serviceOf(rows));
  await refuseEdited(rows, true);
  await note(before);
  return before;
}

async function open(rows: Rows): Promise<void> {
  const before = frozenIn(rows.notes());
  if (before === undefined) return;
  const made = await thaw(rows.under.restorer, rows.target.id, before, rows.under.deps.run.clock);
  if (made.length > 0) {
    const what = `switching editor tracking on again has made the fields ${made.join(', ')}`;
    const loaded = rows.notes().findLast((each) => each.is === 'loaded');
    if (loaded?.is === 'loaded')
      await rows.note({ is: 'loaded', differences: [...loaded.differences, { part: 'rows', what }] });
  }
  await rows.note({ is: 'thawed' });
}

/** Rows that were edited after they had been saved would be lost. */
async function refuseEdited({ under, target, notes }: Rows, isStrict: boolean): Promise<void> {
  if (!isStrict) return;
  const last = notes().findLast(({ is }) => is === 'emptying' || is === 'returned' || is === 'mending');
  if (last?.is === 'emptying' || last?.is === 'mending') return;
  const { itemId } = target.version;
  const saved = under.journal.standing.saved.findLast(({ layers }) => layers !== undefined && itemId in layers);
  const known = last?.is === 'returned' ? last.edits : saved?.layers?.[itemId]?.edits;
  const now = await editsOf(under.restorer.portal, await needItem(target));
  if (known === now) return;
  throw new BackupError(
    'RESTORE_STALE',
    known === undefined
      ? `The rows of ${itemId} were not saved before.`
      : `Rows of ${itemId} were edited after they had been saved, and are left as they are.`,
  );
}
