import { BackupError } from '../errors.ts';
import { isGroup } from './groups/group-under-way.ts';
import type { SavedBefore } from './journal/entries.ts';
import type { Journal } from './journal/journal.ts';
import type { Part } from './part.ts';
import { undeleteItem } from './restore-item.ts';
import { beginBefore, goOnBefore, isOpen } from './save-before.ts';
import { plannedItem, type UnderWay } from './under-way.ts';

/**
 * Saves what lives, and what comes out of the recycle bin; false when it is time to stop before all is saved. Throws RESTORE_UNSAVED,
 * RESTORE_STALE, RESTORE_STOPPED.
 * @param attempt does what may fail, at the cost of one item
 * @param failed grows with it
 */
export async function prepare(
  under: UnderWay,
  part: Part,
  attempt: (id: string, work: () => Promise<void>) => Promise<void>,
  failed: ReadonlySet<string>,
): Promise<boolean> {
  const { order } = under.journal.restore.plan;
  const inMode = (mode: string) =>
    order.filter((id) => !isGroup(under, id) && plannedItem(under, id).mode === mode && hasWork(under, id));
  if (!(await save(under, [...inMode('in-place'), ...changedAndGoing(under.journal)], part))) return false;
  const bin = inMode('bin');
  for (const id of bin) await attempt(id, () => undeleteItem(under, id));
  return save(
    under,
    bin.filter((id) => !failed.has(id)),
    part,
  );
}

/** What an undo deletes although somebody has changed it since: it is saved as well. */
function changedAndGoing({ restore: { plan, targets } }: Journal): string[] {
  const going = plan.items.filter(({ steps }) => steps.some(({ step }) => step === 'delete'));
  return going.flatMap(({ itemId }) => {
    const target = targets[itemId];
    return target === undefined || target.modified === null ? [] : [target.id];
  });
}

function hasWork(under: UnderWay, id: string): boolean {
  return plannedItem(under, id).steps.length > 0;
}

/** Items that are saved by one commit. */
const mostAtOnce = 200;

/** False when it is time to stop before all of them are saved. */
async function save(under: UnderWay, ids: readonly string[], { tell, isOver }: Part): Promise<boolean> {
  const { deps, journal } = under;
  const { restoreId } = journal.restore;
  for (;;) {
    const isSaved = (id: string) => journal.standing.saved.some(({ items }) => id in items);
    const left = ids.filter((id) => !isSaved(id));
    if (left.length === 0) return true;
    if (isOver()) return false;
    await journal.refuseStopped();
    tell({ phase: 'before', done: ids.length - left.length, total: ids.length, title: '' });
    const open = journal.standing.saving;
    const isOurs = open !== null && open.itemIds.every((id) => left.includes(id)) && (await isOpen(deps.run, open));
    const run = isOurs ? open : await beginBefore(deps.run, restoreId, left.slice(0, mostAtOnce), deps.log);
    if (!isOurs) await journal.write({ kind: 'saving', run });
    const before = await goOnBefore(deps.run, { restoreId, run, goesOn: isOurs, isOver }, deps.log);
    if (before === undefined) return false;
    refuseChanged(under, before);
    await journal.write({ kind: 'saved', ...before });
  }
}

function refuseChanged(under: UnderWay, { items, layers }: SavedBefore): void {
  for (const [id, saved] of Object.entries(items)) {
    const { modified = null, edits } = under.journal.restore.targets[id] ?? {};
    const isEdited = edits !== undefined && edits !== layers?.[id]?.edits && emptiesRows(under, id);
    if (!isEdited && (modified === null || modified === saved)) continue;
    const { title } = plannedItem(under, id);
    const text = `${title} (${id}) was changed after the plan was made; nothing was changed.`;
    throw new BackupError('RESTORE_STALE', text);
  }
}

/** Then what somebody has edited since would be lost. */
function emptiesRows(under: UnderWay, id: string): boolean {
  return plannedItem(under, id).steps.some(({ step, danger }) => step === 'rows' && danger === 3);
}
