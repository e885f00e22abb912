import { claimRun, keepHold, releaseRestore } from '../archive/runs/run-holder.ts';
import type { RunStep } from '../backup/run.ts';
import { BackupError, endsRun, toFailure, type Failure } from '../errors.ts';
import type { RestoreDeps } from './deps.ts';
import { Journal } from './journal/journal.ts';
import { progressOf } from './journal/entries.ts';
import {
  differencesIn,
  fillItem,
  madeAnew,
  makeItem,
  plannedItem,
  removeItem,
  undeleteItem,
  targetOf,
  type UnderWay,
} from './restore-item.ts';
import { needItem } from './aspects/aspect.ts';
import { saveBefore } from './save-before.ts';
import type { Difference, ItemOutcome, RestoredItem, RestoreResult } from './words.ts';

/** Hears how far a restore is. */
export type Tell = (what: {
  phase: 'before' | 'making' | 'filling';
  done: number;
  total: number;
  title: string;
}) => void;

/**
 * Does what the journal's plan says, or what is left of it: saves what lives, makes what is gone, fills it, and compares. May be
 * called again after any end. Throws RUN_ACTIVE, RESTORE_PRIVILEGE, RESTORE_UNSAVED before anything is changed, and what ends a run;
 * what is wrong with an item is in the answer.
 */
export async function runRestore(
  deps: RestoreDeps,
  journal: Journal,
  tell: Tell = () => undefined,
): Promise<RestoreResult> {
  const { plan, restoreId } = journal.restore;
  const [lacking] = plan.needs.privileges;
  if (lacking !== undefined)
    throw new BackupError(
      'RESTORE_PRIVILEGE',
      `The account ${plan.target.account} lacks the privilege ${plan.needs.privileges.join(', ')}.`,
    );
  const restorer = await deps.restorer();
  const under: UnderWay = { deps, restorer, journal, account: plan.target.account };
  const inMode = (mode: string) =>
    plan.order.filter((id) => plannedItem(under, id).mode === mode && hasWork(under, id));
  const bin = inMode('bin');
  // Of this pass: what failed in an earlier one is tried again.
  const failed = new Set<string>();
  const attempt = async (id: string, work: () => Promise<void>) => {
    if (!failed.has(id) && !(await isDone(under, id, work))) failed.add(id);
  };
  return holding(deps, journal, async (hold) => {
    await save(under, [...inMode('in-place'), ...changedAndGoing(journal)], tell);
    for (const id of bin) await attempt(id, () => undeleteItem(under, id));
    await save(
      under,
      bin.filter((id) => !failed.has(id)),
      tell,
    );
    const heard = async (phase: 'making' | 'filling', n: number, id: string) => {
      await hold();
      await journal.refuseStopped();
      tell({ phase, done: n, total: plan.order.length, title: plannedItem(under, id).title });
    };
    for (const [n, id] of plan.order.entries()) {
      await heard('making', n, id);
      await attempt(id, () => makeItem(under, id));
    }
    for (const [n, id] of plan.order.entries()) {
      if (failed.has(id)) continue;
      await heard('filling', n, id);
      await attempt(id, () => finishItem(under, id));
    }
    const result = resultOf(under, restoreId);
    await journal.write({ kind: 'ended', result });
    return result;
  });
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

async function save(under: UnderWay, ids: readonly string[], tell: Tell): Promise<void> {
  const { deps, journal } = under;
  const isSaved = (id: string) => journal.standing.saved.some(({ items }) => id in items);
  const left = ids.filter((id) => !isSaved(id));
  if (left.length === 0) return;
  tell({ phase: 'before', done: 0, total: left.length, title: '' });
  const before = await saveBefore(deps.run, journal.restore.restoreId, left, deps.log);
  for (const id of left) {
    const planned = journal.restore.targets[id]?.modified ?? null;
    if (planned === null || planned === before.items[id]) continue;
    const { title } = plannedItem(under, id);
    throw new BackupError(
      'RESTORE_STALE',
      `${title} (${id}) was changed after the plan was made; nothing was changed.`,
    );
  }
  await journal.write({ kind: 'saved', ...before });
}

/** Keeps everybody else from the archive and the portal meanwhile. Throws RUN_ACTIVE. */
async function holding<T>(
  { run }: RestoreDeps,
  { restore: { restoreId, started } }: Journal,
  work: (hold: () => Promise<void>) => Promise<T>,
): Promise<T> {
  await claimRun(run, { runId: restoreId, started }, 'restore');
  const heard = keepHold(run);
  try {
    return await work(() => heard(restoreId));
  } finally {
    await releaseRestore(run, restoreId);
  }
}

/** Does the work of an item; false when it failed, which costs that item only. What ends a run goes on. */
async function isDone({ journal }: UnderWay, itemId: string, work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (!(error instanceof BackupError) || endsRun(error)) throw error;
    const { code, message } = toFailure(error);
    await journal.write({ kind: 'failed', itemId, code, message });
    return false;
  }
}

async function finishItem(under: UnderWay, itemId: string): Promise<void> {
  const { journal } = under;
  const { steps } = plannedItem(under, itemId);
  const has = (name: string) => steps.some(({ step }) => step === name);
  if (!has('delete')) {
    await fillItem(under, itemId);
    const differences = await differencesIn(under, itemId);
    const { modified } = await needItem(await targetOf(under, itemId));
    await journal.write({ kind: 'verified', itemId, outcome: outcomeOf(differences), differences, modified });
  }
  if (!has('delete') && !has('recycle')) return;
  await removeItem(under, itemId, has('delete'));
  if (has('delete'))
    await journal.write({ kind: 'verified', itemId, outcome: 'restored', differences: [], modified: 0 });
}

/** How an item came out that differs so. */
export function outcomeOf(differences: readonly Difference[]): ItemOutcome {
  if (differences.length === 0) return 'restored';
  return differences.every(({ equivalent }) => equivalent === true) ? 'equivalent' : 'different';
}

function resultOf(under: UnderWay, restoreId: string): RestoreResult {
  const { journal } = under;
  const { standing, restore } = journal;
  const items = restore.plan.items.map(({ itemId, mode, blocked }): RestoredItem => {
    const { end, newId } = progressOf(standing, itemId);
    const failure = blocked ?? (end?.kind === 'failed' ? end : null);
    const base = { itemId, newId, mode, code: failure?.code ?? null, message: failure?.message ?? null };
    if (end?.kind !== 'verified' || failure !== null) return { ...base, outcome: 'failed', differences: [] };
    return { ...base, outcome: end.outcome, differences: end.differences };
  });
  const good = items.filter(({ outcome }) => outcome === 'restored' || outcome === 'equivalent').length;
  const outcome = good === items.length ? 'complete' : good === 0 ? 'failed' : 'partial';
  const beforeCommit = standing.saved.at(-1)?.commit ?? null;
  return { restoreId, outcome, ids: Object.fromEntries(madeAnew(under).ids), items, beforeCommit };
}

/** Says why a restore came to no end, and lets others run; it goes on when somebody starts it again. */
export async function failRestore(
  { run }: RestoreDeps,
  { runId, failure }: RunStep & { failure: Failure },
): Promise<{ outcome: 'stopped' }> {
  const journal = await Journal.open(run.store, run.clock, runId);
  await journal.stop(failure);
  await releaseRestore(run, runId);
  return { outcome: 'stopped' };
}

/** Does what is planned in the journal of this id, or what is left of it. */
export async function restoreItems(deps: RestoreDeps, { runId }: RunStep): Promise<{ outcome: string }> {
  const { outcome } = await runRestore(deps, await Journal.open(deps.run.store, deps.run.clock, runId));
  return { outcome };
}
