import { BackupError } from '../../errors.ts';
import { progressOf } from '../journal/entries.ts';
import { madeAnew, plannedItem, type UnderWay } from '../under-way.ts';
import type { Difference, StepName } from '../words.ts';
import { differencesOf, readState, type GroupState, type GroupTarget } from './group.ts';
import { withPicture } from './picture.ts';

/** What the group is to be, as it is planned. */
export function targetIn({ journal }: UnderWay, groupId: string): GroupTarget {
  const found = journal.restore.groups[groupId];
  if (found !== undefined) return found;
  throw new BackupError('STORE_DAMAGED', `The plan of the restore lacks group ${groupId}.`);
}

/** Is it a group, and no item? */
export function isGroup({ journal }: Pick<UnderWay, 'journal'>, id: string): boolean {
  return id in journal.restore.groups;
}

/** Is anything of the group planned, or this very step? */
export function hasStep(under: UnderWay, groupId: string, name?: StepName): boolean {
  return plannedItem(under, groupId).steps.some(({ step: each }) => name === undefined || each === name);
}

/** The id of the group in the portal. */
export function idOf(under: UnderWay, groupId: string): string {
  const id = progressOf(under.journal.standing, groupId).newId ?? targetIn(under, groupId).id;
  if (id !== null) return id;
  throw new BackupError('RESTORE_GONE', `Group ${groupId} was not made.`);
}

/** The living group, with its picture where that is compared. Throws RESTORE_GONE. */
export async function needState(under: UnderWay, groupId: string, isPictured = false): Promise<GroupState> {
  const id = idOf(under, groupId);
  const state = await readState(under.restorer.portal, id);
  if (state !== undefined && isPictured && targetIn(under, groupId).picture !== undefined)
    return withPicture(under.restorer.portal, state);
  if (state !== undefined) return state;
  throw new BackupError('RESTORE_GONE', `Group ${id} is not in the portal any more, or not for this account.`);
}

/** What of a group is not as planned. */
export async function groupDifferences(under: UnderWay, groupId: string, isPictured: boolean): Promise<Difference[]> {
  return differencesOf(
    await needState(under, groupId, isPictured),
    targetIn(under, groupId),
    madeAnew(under),
    under.account,
  );
}
