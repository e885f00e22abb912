import { isUncertain } from '../../arcgis/writing/writer.ts';
import { marksFor } from '../create.ts';
import { progressOf } from '../journal/entries.ts';
import { step } from '../step.ts';
import { madeAnew, type UnderWay } from '../under-way.ts';
import { hasStep, targetIn } from './group-under-way.ts';
import { makingForm } from './group.ts';

/** ms until one is looked for whose answer was lost: the search may know it late (restore.md 0). */
const pauses = [1000, 2000, 5000, 10_000];
const mostTries = 3;

/** Makes a group that is gone: of the account that restores, with both marks as tags. */
export async function makeGroup(under: UnderWay, groupId: string): Promise<void> {
  const { journal } = under;
  if (!hasStep(under, groupId, 'create')) return;
  const mayBeThere = progressOf(journal.standing, groupId).started.has('create');
  await step(under, groupId, 'create', async () => ({ newId: await create(under, groupId, mayBeThere) }));
}

async function create(under: UnderWay, groupId: string, mayBeThere: boolean): Promise<string> {
  const { deps, journal, restorer } = under;
  const marks = marksFor(groupId, journal.restore.mark);
  const known = mayBeThere ? await findMade(under, marks) : undefined;
  if (known !== undefined) return known;
  for (let tries = 1; ; tries++) {
    try {
      return await restorer.groups.create(makingForm(targetIn(under, groupId).record, madeAnew(under), marks));
    } catch (error) {
      // No owner has two groups of one title: one that was made is in the way of its own second.
      if (!isUncertain(error) && !(tries > 1 || mayBeThere)) throw error;
      for (const pause of pauses) {
        await deps.run.clock.sleep(pause);
        const found = await findMade(under, marks);
        if (found !== undefined) return found;
      }
      if (tries >= mostTries || !isUncertain(error)) throw error;
    }
  }
}

async function findMade(
  { restorer, journal }: Pick<UnderWay, 'restorer' | 'journal'>,
  [source = '', own = '']: string[],
) {
  const { organization } = journal.restore.plan.target;
  const found = await restorer.portal.searchGroups(organization, { tag: own });
  return found.find(({ tags }) => Array.isArray(tags) && tags.includes(source))?.id;
}

/** The id of a group that a restore has made, also where it was killed before it heard of it; undefined of one that it has not. */
export async function madeGroup(
  under: Pick<UnderWay, 'restorer' | 'journal'>,
  groupId: string,
): Promise<string | undefined> {
  const { started, newId } = progressOf(under.journal.standing, groupId);
  if (newId !== null) return newId;
  return started.has('create') ? findMade(under, marksFor(groupId, under.journal.restore.mark)) : undefined;
}
