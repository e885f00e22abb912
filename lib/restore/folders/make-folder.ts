import { isUncertain } from '../../arcgis/writing/writer.ts';
import { isCode } from '../../errors.ts';
import { plannedItem, targetIn, type UnderWay } from '../under-way.ts';
import type { Home } from '../words.ts';
import { folderIn, folderKey, type FolderTarget } from './folder.ts';

/** ms until one is looked for whose answer was lost. */
const pauses = [1000, 2000, 5000];
const mostTries = 3;

/**
 * Makes the folder in which an item is to lie, where there is none, and writes down under which id. Where a member's folder cannot be
 * made in their name the portal makes it when they get the item.
 */
export async function makeFolder(under: UnderWay, itemId: string): Promise<void> {
  const { journal } = under;
  const wanted = plannedItem(under, itemId).steps.some(({ step }) => step === 'folder') && folderOf(under, itemId);
  if (!wanted || idOf(under, wanted) !== null) return;
  const { owner, title } = wanted;
  const { home } = targetIn(under, itemId);
  const mayBeThere = journal.standing.folders.has(folderKey(wanted));
  const living = await find(under, home);
  if (living !== undefined)
    return journal.write({ kind: 'folder', is: mayBeThere ? 'made' : 'found', owner, title, id: living });
  await journal.refuseStopped();
  if (!mayBeThere) await journal.write({ kind: 'folder', is: 'making', owner, title });
  const id = await create(under, home);
  if (id !== undefined) await journal.write({ kind: 'folder', is: 'made', owner, title, id });
}

/** Writes down under which id the portal has made a folder with the item that lies in it. */
export async function noteFolder(under: UnderWay, itemId: string): Promise<void> {
  const wanted = folderOf(under, itemId);
  const begun = wanted && under.journal.standing.folders.get(folderKey(wanted));
  if (wanted === undefined || begun?.id !== null) return;
  const { owner, title } = wanted;
  const id = await find(under, targetIn(under, itemId).home);
  if (id !== undefined) await under.journal.write({ kind: 'folder', is: 'made', owner, title, id });
}

/** Is the folder in which it is to lie not there yet, because the portal would not make it? */
export function lacksFolder(under: UnderWay, itemId: string): boolean {
  const wanted = folderOf(under, itemId);
  return wanted !== undefined && idOf(under, wanted) === null;
}

function folderOf({ journal }: UnderWay, itemId: string): FolderTarget | undefined {
  const { home } = targetIn({ journal }, itemId);
  const key = folderKey({ owner: home.owner, title: home.folder });
  return journal.restore.folders?.find((each) => folderKey(each) === key);
}

const idOf = ({ journal }: UnderWay, folder: FolderTarget) =>
  folder.id ?? journal.standing.folders.get(folderKey(folder))?.id ?? null;

async function find({ restorer }: UnderWay, home: Home): Promise<string | undefined> {
  return folderIn(home, await restorer.portal.folders(home.owner))?.id;
}

/** Undefined where the portal refuses to make it in the member's name. No member has two folders of one title. */
async function create(under: UnderWay, home: Home): Promise<string | undefined> {
  const { restorer, deps } = under;
  for (let tries = 1; ; tries++) {
    try {
      return (await restorer.writing.createFolder(home.owner, home.folder)).id;
    } catch (error) {
      if (isCode(error, 'RESTORE_REFUSED')) return find(under, home);
      if (!isUncertain(error)) throw error;
      for (const pause of pauses) {
        await deps.run.clock.sleep(pause);
        const id = await find(under, home);
        if (id !== undefined) return id;
      }
      if (tries >= mostTries) throw error;
    }
  }
}
