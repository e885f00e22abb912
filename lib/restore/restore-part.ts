import { claimRun, keepHold, releaseRestore } from '../archive/runs/run-holder.ts';
import { BackupError, endsRun, toFailure } from '../errors.ts';
import type { RestoreDeps } from './deps.ts';
import { finishItem } from './finish-item.ts';
import { endFolder, isFolder } from './folders/remove-folder.ts';
import { isGroup } from './groups/group-under-way.ts';
import { beginGroup, endGroup } from './groups/put-group.ts';
import type { Journal } from './journal/journal.ts';
import { beginning, type Part, type Place } from './part.ts';
import { refuseReadOnly } from './planning/admission.ts';
import { prepare } from './prepare.ts';
import { makeItem } from './restore-item.ts';
import { resultOf } from './result.ts';
import { plannedItem, type UnderWay } from './under-way.ts';
import type { RestoreResult } from './words.ts';

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
