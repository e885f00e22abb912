import type { Item } from '../backup/item.ts';
import { BackupError } from '../errors.ts';
import { aspects, differencesOf } from './aspects/all.ts';
import { needItem, told, type Target } from './aspects/aspect.ts';
import { isFile } from './aspects/data.ts';
import { create, marksFor, removeDoubles } from './create.ts';
import { nameFile } from './give-name.ts';
import { lacksFolder, makeFolder, noteFolder } from './folders/make-folder.ts';
import { progressOf } from './journal/entries.ts';
import { fillNew, putBackRows, rowsEnd } from './layers/in-place.ts';
import { makeService } from './layers/make-service.ts';
import { isOfPackage } from './publishing/package.ts';
import { publishAgain } from './publishing/publish-again.ts';
import { whileFrozen } from './layers/while-frozen.ts';
import { PartOver } from './part-over.ts';
import { putBack } from './put-back.ts';
import { removeItemOf, undelete } from './remove.ts';
import { differencesOfNames, isRepointed, namedAnew } from './repointing.ts';
import { step } from './step.ts';
import { plannedItem, targetIn, targetOf, versionOf, type UnderWay } from './under-way.ts';
import { aspectNames, type AspectName, type Difference } from './words.ts';

/** ms by which the clocks of the portal and of this machine may differ. */
const clockSkew = 10 * 60_000;

/** Makes what is gone, copies, and folders that are lacking; nothing of what is there. */
export async function makeItem(under: UnderWay, itemId: string): Promise<void> {
  const { journal, restorer, account } = under;
  const { restore } = journal;
  const { mode, state, steps } = plannedItem(under, itemId);
  await makeFolder(under, itemId);
  if (!steps.some((each) => each.step === 'create')) return;
  const mayBeThere = progressOf(journal.standing, itemId).started.has('create');
  const target = await targetOf(under, itemId);
  const wishedId = restore.honoursIds && mode === 'new' && state === 'gone' ? itemId : undefined;
  const making = { target, restorer, account, mark: restore.mark, wishedId, mayBeThere };
  const { name } = targetIn(under, itemId);
  await step(under, itemId, 'create', async () => {
    if (name === null) return { newId: await create(making) };
    const since = restore.started - clockSkew;
    const service = { ...making, name, isEnterprise: restore.honoursIds, since };
    return isOfPackage(target.version) ? publishAgain(service) : makeService(service);
  });
  // No two files of one name lie in one place, and the next one may be called so too; what lies in a folder may name it.
  const isMovedNow = isFile(target.version) || lacksFolder(under, itemId);
  if (isMovedNow && !progressOf(journal.standing, itemId).done.has('folder'))
    await fillAspect(under, await targetOf(under, itemId), 'folder');
  await nameFile(under, itemId);
}

/** Of what was begun to be made more than once, only what the journal knows stays. */
export async function dropDoubles({ deps, journal, restorer, account }: UnderWay, itemId: string): Promise<void> {
  const { again, newId } = progressOf(journal.standing, itemId);
  if (newId !== null && again.has('create'))
    await removeDoubles(restorer, deps.run.clock, account, {
      marks: marksFor(itemId, journal.restore.mark),
      id: newId,
    });
}

/** Takes an item out of the recycle bin. */
export async function undeleteItem(under: UnderWay, itemId: string): Promise<void> {
  const { deps, restorer } = under;
  const { owner } = (await versionOf(under, itemId)).manifest;
  await step(under, itemId, 'undelete', async () => {
    await undelete(restorer, deps.run.clock, { id: itemId, owner });
    return undefined;
  });
}

/**
 * Puts back all that is planned of one item, one write after the other. Throws RESTORE_STALE when somebody has changed it meanwhile.
 * @param after the aspect behind which it goes on
 * @returns the aspect behind which it was time to stop; undefined when all is done
 */
export async function fillItem(
  under: UnderWay,
  itemId: string,
  after: AspectName | undefined,
  isOver: () => boolean,
): Promise<AspectName | undefined> {
  const { journal } = under;
  const { steps, mode } = plannedItem(under, itemId);
  const target = await targetOf(under, itemId);
  const planned: ReadonlySet<string> = isRepointed(under, itemId)
    ? await namedAnew(target)
    : new Set(steps.map((each) => each.step));
  const isLiving = mode === 'in-place' || mode === 'bin';
  if (isLiving && planned.size > 0) refuseStale(under, itemId, await needItem(target));
  const isWithRows = planned.has('rows') && !progressOf(journal.standing, itemId).done.has('rows');
  for (const name of aspectNames.slice(after === undefined ? 0 : aspectNames.indexOf(after) + 1)) {
    // The definition of a living layer changes while it is closed to edits.
    if (name === 'definition' && isWithRows && isLiving) continue;
    if (name === 'rows' && isWithRows) {
      if (await isPartOver(() => fillRows(under, target, planned, isLiving, isOver))) return beforeRows;
    } else if (planned.has(name)) await fillAspect(under, target, name);
    else continue;
    if (isOver()) return name;
  }
  return undefined;
}

/** Rows may take many parts: each goes on with them. */
const beforeRows = aspectNames[aspectNames.indexOf('rows') - 1];

async function isPartOver(work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return false;
  } catch (error) {
    if (!(error instanceof PartOver)) throw error;
    return true;
  }
}

async function fillRows(
  under: UnderWay,
  target: Target,
  planned: ReadonlySet<string>,
  isLiving: boolean,
  isOver: () => boolean,
): Promise<void> {
  const { journal } = under;
  const { itemId } = target.version;
  await journal.write({ kind: 'started', itemId, step: 'rows' });
  if (!isLiving) await fillNew(under, target, isOver);
  else
    await whileFrozen(under, target, async () => {
      if (planned.has('definition')) await fillAspect(under, target, 'definition');
      await putBackRows(under, target, isOver);
    });
  await journal.write({ kind: 'done', itemId, step: 'rows' });
}

async function fillAspect(under: UnderWay, target: Target, name: AspectName): Promise<void> {
  const { journal, restorer } = under;
  const { itemId } = target.version;
  const aspect = aspects.find((each) => each.name === name);
  if (aspect === undefined) return;
  let begun = false;
  await putBack(aspect, target, restorer.writing, async () => {
    begun = true;
    await journal.write({ kind: 'started', itemId, step: name });
  });
  if (begun) await journal.write({ kind: 'done', itemId, step: name });
  if (name === 'folder') await noteFolder(under, itemId);
}

/** What was saved before is what is there, or what this restore itself has made of it. */
function refuseStale({ journal }: UnderWay, itemId: string, { modified }: Item): void {
  const { standing } = journal;
  const { started } = progressOf(standing, itemId);
  if ([...started].some((name) => name !== 'undelete')) return;
  const saved = standing.saved.findLast(({ items }) => itemId in items)?.items[itemId];
  if (saved === modified) return;
  throw new BackupError(
    'RESTORE_STALE',
    saved === undefined
      ? `Item ${itemId} was not saved before.`
      : `Item ${itemId} was changed after it had been saved, and is left as it is.`,
  );
}

/** Where the item is not as the version says. */
export async function differencesIn(under: UnderWay, itemId: string): Promise<Difference[]> {
  if (isRepointed(under, itemId)) return differencesOfNames(under, itemId);
  const only = new Set(under.journal.restore.only);
  const { mode } = plannedItem(under, itemId);
  // A copy beside is nobody's to be kept.
  if (mode === 'beside') for (const name of ['protection', 'status', 'relations'] as const) only.delete(name);
  const target = await targetOf(under, itemId);
  return [...told(await differencesOf(target, await needItem(target), only)), ...(rowsEnd(under, itemId) ?? [])];
}

/** Deletes what this restore's plan names: into the recycle bin, or for good. What is gone is gone. */
export async function removeItem(under: UnderWay, itemId: string, forGood: boolean): Promise<void> {
  const { deps, restorer } = under;
  const { id } = targetIn(under, itemId);
  await step(under, itemId, forGood ? 'delete' : 'recycle', async () => {
    await removeItemOf(restorer, deps.run.clock, { id, forGood });
    return undefined;
  });
}
