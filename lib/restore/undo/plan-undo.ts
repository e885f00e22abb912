import { BackupError } from '../../errors.ts';
import type { History } from '../../history/history.ts';
import type { RestoreDeps } from '../deps.ts';
import { undoFolders } from '../folders/undo-folders.ts';
import { undoGroups } from '../groups/undo-groups.ts';
import { progressOf } from '../journal/entries.ts';
import type { Journal } from '../journal/journal.ts';
import type { Restore } from '../journal/restore.ts';
import { reopened } from '../layers/left-behind.ts';
import { makePlan } from '../planning/make-plan.ts';
import type { PlannedItem, PlanWarning } from '../words.ts';
import { versionsBefore } from './before.ts';
import { backwards, madeBy } from './made.ts';

/**
 * The plan that takes a restore back: what it changed becomes what was saved before, what it made is deleted for good, and what it took
 * out of the recycle bin goes back there. Throws RESTORE_NOTHING when it did nothing.
 */
export async function planUndo(deps: RestoreDeps, history: History, journal: Journal): Promise<Restore> {
  const { restore, standing } = journal;
  const isTouched = (id: string) => progressOf(standing, id).started.size > 0;
  const touched = restore.plan.items.filter(({ itemId }) => isTouched(itemId) && !(itemId in restore.groups));
  const versions = await versionsBefore(deps, history, journal, touched);
  const made = await madeBy(deps, journal, touched);
  const ofGroups = await undoGroups(deps, journal);
  const ofFolders = await undoFolders(deps, journal);
  if (versions.length + made.length + ofGroups.items.length + ofFolders.items.length === 0)
    throw new BackupError('RESTORE_NOTHING', `Restore ${restore.restoreId} changed nothing that could be taken back.`);
  const undo = await makePlan(deps, history, {
    versions,
    at: standing.saved.at(-1)?.commit ?? 'latest',
    mode: 'in-place',
    widenSharing: true,
    isUndo: true,
    // What was mended gently is taken back without emptying anything.
    rows: { how: (restore.rows?.how ?? 'all') === 'all' ? 'all' : 'exact' },
  });
  const changed = undo.plan.items.map((item) => {
    const again = recycled(item, touched);
    const target = undo.targets[item.itemId];
    return target === undefined ? { item: again, target } : reopened(journal, again, target);
  });
  const withTarget = [...changed, ...made].flatMap(({ item, target }) =>
    target ? [[item.itemId, target] as const] : [],
  );
  return {
    ...undo,
    undoes: restore.restoreId,
    targets: { ...undo.targets, ...Object.fromEntries(withTarget) },
    groups: ofGroups.targets,
    removes: ofFolders.removes,
    plan: {
      ...undo.plan,
      items: [...[...changed, ...made].map(({ item }) => item), ...ofGroups.items, ...ofFolders.items],
      // A folder goes last, when what the restore has put into it is gone.
      order: [
        ...undo.plan.order,
        ...backwards(restore, made),
        ...[ofGroups.targets, ofFolders.removes].flatMap((each) => Object.keys(each)),
      ],
      warnings: await warningsLeft(deps, journal, undo.plan.warnings),
    },
  };
}

/** What came out of the recycle bin goes back there. */
function recycled(item: PlannedItem, touched: readonly PlannedItem[]): PlannedItem {
  const isOfBin = touched.some(({ itemId, mode }) => itemId === item.itemId && mode === 'bin');
  if (!isOfBin || item.blocked !== null) return item;
  const recycle = { step: 'recycle', danger: 3, what: 'puts it back into the recycle bin' } as const;
  return { ...item, steps: [...item.steps, recycle] };
}

/** Without those that only say what the restore itself has done. */
async function warningsLeft(
  deps: RestoreDeps,
  { standing }: Journal,
  warnings: readonly PlanWarning[],
): Promise<PlanWarning[]> {
  const { portal } = await deps.restorer();
  const left: PlanWarning[] = [];
  for (const warning of warnings) {
    if (warning.code === 'SHARED_WIDER') continue;
    const end = warning.itemId === null ? null : progressOf(standing, warning.itemId).end;
    const now = warning.itemId === null ? undefined : await portal.item(warning.itemId);
    // It was the restore that changed it.
    if (warning.code === 'NEWER' && end?.kind === 'verified' && end.modified === now?.modified) continue;
    left.push(warning);
  }
  return left;
}
