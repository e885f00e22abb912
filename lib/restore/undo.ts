import { becameOf, readFolds, type Fold } from '../archive/folds.ts';
import { BackupError } from '../errors.ts';
import type { History } from '../history/history.ts';
import { isSeen, type Seen } from '../history/version-at.ts';
import type { RestoreDeps } from './deps.ts';
import { findMarked, marksFor } from './create.ts';
import { undoGroups } from './groups/undo-groups.ts';
import { progressOf } from './journal/entries.ts';
import type { Journal, PlannedTarget, Restore } from './journal/journal.ts';
import { copiesLeft, reopened } from './layers/left-behind.ts';
import { makePlan } from './planning/make-plan.ts';
import { noFolder, type PlannedItem } from './words.ts';

/**
 * The plan that takes a restore back: what it changed becomes what was saved before, what it made is deleted for good, and what it took
 * out of the recycle bin goes back there. Throws RESTORE_NOTHING when it did nothing.
 */
export async function planUndo(deps: RestoreDeps, history: History, journal: Journal): Promise<Restore> {
  const { restore, standing } = journal;
  const isTouched = (id: string) => progressOf(standing, id).started.size > 0;
  const touched = restore.plan.items.filter(({ itemId }) => isTouched(itemId) && !(itemId in restore.groups));
  const ofGroups = await undoGroups(deps, journal);
  const versions: Seen[] = [];
  const folds = await readFolds(deps.run.store);
  for (const { itemId } of touched) {
    const saved = standing.saved.findLast(({ items }) => itemId in items);
    if (saved !== undefined) versions.push(versionIn(history, itemId, idNow(history, folds, saved.commit)));
  }
  const made = [];
  for (const item of touched) {
    const newId = await madeId(deps, { restore, standing }, item.itemId);
    if (newId === undefined) continue;
    const { end } = progressOf(standing, item.itemId);
    const now = (await (await deps.restorer()).portal.item(newId))?.modified ?? null;
    const isChanged = end?.kind !== 'verified' || end.modified !== now;
    made.push(removal(item, newId, isChanged ? now : null));
  }
  for (const { id, title, type, owner } of await copiesLeft(deps, journal))
    made.push(removal({ ...copyItem, itemId: id, title: title ?? '', type, owner }, id, null));
  if (versions.length === 0 && made.length === 0 && ofGroups.items.length === 0)
    throw new BackupError('RESTORE_NOTHING', `Restore ${restore.restoreId} changed nothing that could be taken back.`);
  const wish = {
    versions,
    at: standing.saved.at(-1)?.commit ?? 'latest',
    mode: 'in-place',
    widenSharing: true,
    // What was mended gently is taken back without emptying anything.
    rows: { how: (restore.rows?.how ?? 'all') === 'all' ? 'all' : 'exact' },
  } as const;
  const undo = await makePlan(deps, history, wish);
  const { portal } = await deps.restorer();
  const warnings = [];
  for (const warning of undo.plan.warnings) {
    if (warning.code === 'SHARED_WIDER') continue;
    const end = warning.itemId === null ? null : progressOf(standing, warning.itemId).end;
    const now = warning.itemId === null ? undefined : await portal.item(warning.itemId);
    // It was the restore that changed it.
    if (warning.code === 'NEWER' && end?.kind === 'verified' && end.modified === now?.modified) continue;
    warnings.push(warning);
  }
  const ofBin = new Set(touched.filter(({ mode }) => mode === 'bin').map(({ itemId }) => itemId));
  const items = undo.plan.items.map((item): PlannedItem => {
    if (!ofBin.has(item.itemId) || item.blocked !== null) return item;
    const recycle = { step: 'recycle', danger: 3, what: 'puts it back into the recycle bin' } as const;
    return { ...item, steps: [...item.steps, recycle] };
  });
  const all = items.map((item) => {
    const target = undo.targets[item.itemId];
    return target === undefined ? { item, target } : reopened(journal, item, target);
  });
  const withTarget = [...all, ...made].flatMap(({ item, target }) => (target ? [[item.itemId, target] as const] : []));
  const targets = { ...undo.targets, ...Object.fromEntries(withTarget) };
  return {
    ...undo,
    undoes: restore.restoreId,
    targets,
    groups: ofGroups.targets,
    plan: {
      ...undo.plan,
      items: [...all.map(({ item }) => item), ...made.map(({ item }) => item), ...ofGroups.items],
      order: [...undo.plan.order, ...backwards(restore, made), ...Object.keys(ofGroups.targets)],
      warnings,
    },
  };
}

/** What a temporary copy is, beside what the portal says of it. */
const copyItem: Pick<PlannedItem, 'state' | 'mode' | 'commit' | 'steps' | 'overwrites' | 'blocked'> = {
  state: 'live',
  mode: 'new',
  commit: '',
  steps: [],
  overwrites: [],
  blocked: null,
};

/** What was made last goes first: a source cannot go before its views. */
function backwards({ plan: { order } }: Restore, made: readonly { item: PlannedItem }[]): string[] {
  const ids = made.map(({ item }) => item.itemId);
  return ids.sort((a, b) => order.indexOf(b) - order.indexOf(a));
}

/** The id that a commit has since history was thinned out; none of its own where it went. */
function idNow({ commits }: History, folds: readonly Fold[], oid: string): string {
  const became = becameOf(folds, oid, (id) => commits.some((commit) => commit.oid === id));
  return became === undefined || became.isFolded ? oid : became.commit;
}

function versionIn(history: History, itemId: string, oid: string): Seen {
  const commit = history.commits.find((each) => each.oid === oid);
  const found = commit && history.versions(itemId, commit).find(isSeen);
  if (found !== undefined) return found;
  throw new BackupError('RESTORE_DAMAGED', `The archive lost what was saved of ${itemId} before the restore.`);
}

/** The id of what the restore made, also when it was killed before it heard of it. */
async function madeId(
  { restorer }: RestoreDeps,
  { restore, standing }: Pick<Journal, 'restore' | 'standing'>,
  itemId: string,
): Promise<string | undefined> {
  const { started, newId } = progressOf(standing, itemId);
  if (newId !== null) return newId;
  if (!started.has('create')) return undefined;
  const [found] = await findMarked(
    (await restorer()).portal,
    restore.plan.target.account,
    marksFor(itemId, restore.mark),
  );
  return found?.id;
}

/** @param modified when it was changed after the restore, epoch ms; null when it was not */
function removal(item: PlannedItem, id: string, modified: number | null): { item: PlannedItem; target: PlannedTarget } {
  const steps = [
    {
      step: 'delete',
      danger: 3,
      what: `deletes ${id}, which the restore made${modified === null ? '' : '; it is saved first, for it is not as it was made'}`,
    } as const,
  ];
  const home = { owner: item.owner, folder: noFolder, folderId: null };
  return {
    item: { ...item, state: 'live', steps, overwrites: [], blocked: null },
    target: { home, sharing: null, service: null, name: null, categories: null, id, modified: null },
  };
}
