import { BackupError } from '../../errors.ts';
import { writeUntil } from '../put-back.ts';
import { step } from '../step.ts';
import { outcomeOf } from '../result.ts';
import type { UnderWay } from '../under-way.ts';
import { readState } from './group.ts';
import { withPicture } from './picture.ts';
import { groupDifferences, hasStep, targetIn } from './group-under-way.ts';
import { makeGroup } from './make-group.ts';
import { putParts } from './put-parts.ts';

/** Makes a group, or saves the one that lives, and fills it: items are shared with it afterwards. */
export async function beginGroup(under: UnderWay, groupId: string): Promise<void> {
  if (!hasStep(under, groupId) || hasStep(under, groupId, 'delete')) return;
  await saveGroup(under, groupId);
  await makeGroup(under, groupId);
  await putParts(under, groupId, ['record', 'thumbnail', 'members', 'owner']);
}

/** Names in a group what is there now, shares that with it, protects it, and compares; or deletes the one that an undo takes back. */
export async function endGroup(under: UnderWay, groupId: string): Promise<void> {
  const isGoing = hasStep(under, groupId, 'delete');
  if (isGoing) await removeGroup(under, groupId);
  else if (hasStep(under, groupId)) await putParts(under, groupId, ['record', 'members', 'items', 'protection']);
  const differences = isGoing ? [] : await groupDifferences(under, groupId, true);
  const outcome = outcomeOf(differences);
  await under.journal.write({ kind: 'verified', itemId: groupId, outcome, differences, modified: 0 });
}

/** Writes down what living groups are, before anything is changed of them. Throws RESTORE_GONE. */
async function saveGroup(under: UnderWay, groupId: string): Promise<void> {
  const { journal, restorer } = under;
  const { id, picture } = targetIn(under, groupId);
  if (id === null || journal.standing.groups.has(groupId)) return;
  const state = await readState(restorer.portal, id);
  const group = state && picture !== undefined ? await withPicture(restorer.portal, state) : state;
  if (group !== undefined) await journal.write({ kind: 'group-saved', itemId: groupId, group });
}

/** Deletes a group that an earlier restore has made; what it has become is written down first. What is gone is gone. Throws RESTORE_REFUSED. */
async function removeGroup(under: UnderWay, groupId: string): Promise<void> {
  const { restorer, journal, deps } = under;
  const { id } = targetIn(under, groupId);
  if (id === null) return;
  const read = () => readState(restorer.portal, id);
  const write = async () => {
    const state = await read();
    if (state?.record['protected'] === true) await restorer.groups.protect(id, false);
    await restorer.groups.remove(id);
  };
  await step(under, groupId, 'delete', async () => {
    const state = await read();
    if (state !== undefined && !journal.standing.groups.has(groupId))
      await journal.write({ kind: 'group-saved', itemId: groupId, group: state });
    const isDone = async () => (await read()) === undefined;
    if (await writeUntil({ isDone, write, begin: () => Promise.resolve() }, deps.run.clock)) return undefined;
    throw new BackupError(
      'RESTORE_REFUSED',
      `Group ${id} is there still, although the portal said that it had deleted it.`,
    );
  });
}
