import { claimRun, keepHold, releaseRestore } from '../archive/runs/run-holder.ts';
import { isHosted } from '../backup/formats.ts';
import { BackupError, endsRun, toFailure } from '../errors.ts';
import { needItem } from './aspects/aspect.ts';
import type { RestoreDeps } from './deps.ts';
import { endFolder, isFolder } from './folders/remove-folder.ts';
import { isGroup } from './groups/group-under-way.ts';
import { beginGroup, endGroup } from './groups/put-group.ts';
import type { SavedBefore, Verified } from './journal/entries.ts';
import { editsOf } from './layers/edits.ts';
import type { Journal } from './journal/journal.ts';
import { differencesIn, dropDoubles, fillItem, makeItem, removeItem, undeleteItem } from './restore-item.ts';
import { outcomeOf, resultOf } from './result.ts';
import { refuseReadOnly } from './planning/admission.ts';
import { beginBefore, goOnBefore, isOpen } from './save-before.ts';
import { plannedItem, targetOf, type UnderWay } from './under-way.ts';
import type { AspectName, RestoreResult } from './words.ts';

/** Hears how far a restore is. */
export type Tell = (what: {
  phase: 'before' | 'making' | 'filling';
  done: number;
  total: number;
  title: string;
}) => void;

/** Where a part of a restore has stopped: at which item of its order, and behind which aspect of it. */
export interface Place {
  pass: 'before' | 'making' | 'filling' | 'closing';
  n: number;
  after?: AspectName;
}

/** Where every restore begins. */
export const beginning: Place = { pass: 'before', n: 0 };

/** How much of a restore is done at once. */
export interface Part {
  from: Place;
  /** is it time to let the next part go on? Asked between two things */
  isOver: () => boolean;
  tell: Tell;
}

/**
 * Does what the journal's plan says, or what is left of it, until it is time to stop: saves what lives, makes what is gone, fills it,
 * and compares. May be called again after any end. Throws RUN_ACTIVE, RESTORE_PRIVILEGE, RESTORE_UNSAVED before anything is changed,
 * RESTORE_STOPPED, and what ends a run; what is wrong with an item is in the answer.
 * @returns where the next part goes on, or the end
 */
export async function restorePart(deps: RestoreDeps, journal: Journal, part: Part): Promise<Place | RestoreResult> {
  const { plan, restoreId, started } = journal.restore;
  const [lacking] = plan.needs.privileges;
  if (lacking !== undefined)
    throw new BackupError(
      'RESTORE_PRIVILEGE',
      `The account ${plan.target.account} lacks the privilege ${plan.needs.privileges.join(', ')}.`,
    );
  const restorer = await deps.restorer();
  const under: UnderWay = { deps, restorer, journal, account: plan.target.account };
  await claimRun(deps.run, { runId: restoreId, started }, 'restore');
  const failed = failedIn(journal);
  const attempt = async <T>(id: string, work: () => Promise<T>): Promise<T | undefined> => {
    if (failed.has(id)) return undefined;
    const done = await tried(under, id, work);
    if (done === undefined) failed.add(id);
    return done?.value;
  };
  if (!(await prepare(under, part, attempt, failed))) return beginning;
  const hold = keepHold(deps.run);
  for (const pass of passes) {
    if (passes.findIndex((each) => each === part.from.pass) > passes.indexOf(pass)) continue;
    const { n: from, after } = part.from.pass === pass ? part.from : { n: 0, after: undefined };
    for (let n = from; n < plan.order.length; n++) {
      const id = plan.order[n] ?? '';
      if (failed.has(id) || !takesPart(under, id, pass)) continue;
      await hold(restoreId);
      await journal.refuseStopped();
      part.tell({
        phase: pass === 'making' ? 'making' : 'filling',
        done: n,
        total: plan.order.length,
        title: plannedItem(under, id).title,
      });
      if (pass === 'making')
        await attempt(id, () => {
          refuseSourceless(under, id, failed);
          return isGroup(under, id) ? beginGroup(under, id) : makeItem(under, id);
        });
      if (pass === 'closing')
        await attempt(id, () => (isFolder(under, id) ? endFolder(under, id) : endGroup(under, id)));
      const stopped =
        pass === 'filling' && (await attempt(id, () => finishItem(under, id, part, n === from ? after : undefined)));
      if (stopped) return { pass, n, after: stopped };
      if (part.isOver()) return { pass, n: n + 1 };
    }
  }
  const result = resultOf(under, restoreId);
  await journal.write({ kind: 'ended', result });
  await releaseRestore(deps.run, restoreId);
  return result;
}

/** Groups are made and filled with members before anything is shared with them, and items come between. */
const passes = ['making', 'filling', 'closing'] as const;

function takesPart(under: UnderWay, id: string, pass: (typeof passes)[number]): boolean {
  if (isFolder(under, id)) return pass === 'closing';
  return pass === 'making' || isGroup(under, id) === (pass === 'closing');
}

/** A view of a half-made source would stay another one than it was. Throws RESTORE_SOURCE. */
function refuseSourceless({ journal }: UnderWay, id: string, failed: ReadonlySet<string>): void {
  const source = journal.restore.targets[id]?.sources?.find((each) => failed.has(each));
  if (source === undefined) return;
  throw new BackupError('RESTORE_SOURCE', `It is a view of ${source}, which could not be made yet.`, {
    hint: 'Resume the restore once the source can be made: the view comes after it.',
  });
}

/** What failed since somebody started it: what failed in an earlier pass is tried again. */
function failedIn({ entries }: Journal): Set<string> {
  const since = entries.slice(entries.findLastIndex(({ kind }) => kind === 'resumed') + 1);
  return new Set(since.flatMap((entry) => (entry.kind === 'failed' ? [entry.itemId] : [])));
}

/** Saves what lives, and what comes out of the recycle bin; false when it is time to stop before all is saved. */
async function prepare(
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

/** Does the work of an item; undefined when it failed, which costs that item only. What ends a run, and a portal that takes no change, goes on. */
async function tried<T>(
  { deps, restorer, journal }: UnderWay,
  itemId: string,
  work: () => Promise<T>,
): Promise<{ value: T } | undefined> {
  try {
    return { value: await work() };
  } catch (error) {
    if (!(error instanceof BackupError) || endsRun(error)) throw error;
    // What is refused to all costs none of them.
    if (error.code === 'RESTORE_REFUSED') refuseReadOnly(await restorer.portal.self(), restorer.url);
    const { code, message, hint } = toFailure(error);
    await journal.write({ kind: 'failed', itemId, code, message, hint });
    deps.log({ event: 'restore.item', runId: journal.restore.restoreId, itemId, outcome: 'failed', code });
    return undefined;
  }
}

/** Puts back what is planned of an item, and compares. @returns the aspect behind which it is time to stop */
async function finishItem(
  under: UnderWay,
  itemId: string,
  { isOver }: Part,
  after: AspectName | undefined,
): Promise<AspectName | undefined> {
  const { deps, journal } = under;
  const { steps } = plannedItem(under, itemId);
  const has = (name: string) => steps.some(({ step }) => step === name);
  const end = async (verified: Verified) => {
    await journal.write({ kind: 'verified', itemId, ...verified });
    deps.log({ event: 'restore.item', runId: journal.restore.restoreId, itemId, outcome: verified.outcome });
  };
  if (!has('delete')) {
    const stopped = await fillItem(under, itemId, after, isOver);
    if (stopped !== undefined) return stopped;
    await dropDoubles(under, itemId);
    const found = await differencesIn(under, itemId);
    // What it belongs to was saved while it lay in the bin, to which it goes back.
    const differences = has('recycle') ? found.filter(({ part }) => part !== 'relations') : found;
    const item = await needItem(await targetOf(under, itemId));
    const edits = has('create') && isHosted(item) ? await editsOf(under.restorer.portal, item) : undefined;
    const { modified } = item;
    await end({ outcome: outcomeOf(differences), differences, modified, ...(edits !== undefined && { edits }) });
  }
  if (!has('delete') && !has('recycle')) return undefined;
  await removeItem(under, itemId, has('delete'));
  if (has('delete')) await end({ outcome: 'restored', differences: [], modified: 0 });
  return undefined;
}
