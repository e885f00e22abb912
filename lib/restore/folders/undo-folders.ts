import type { RestoreDeps } from '../deps.ts';
import type { FolderProgress } from '../journal/entries.ts';
import type { Journal } from '../journal/journal.ts';
import { folderType, noFolder, type PlannedItem } from '../words.ts';
import { folderIn, type LeftFolder } from './folder.ts';

/** ms by which the clocks of the portal and of this machine may differ, and an answer may be late. */
const skew = 10 * 60_000;

/** The folders that a restore made and that are still there: they go, if nothing is in them by then. */
export async function undoFolders(
  deps: RestoreDeps,
  { standing, entries }: Journal,
): Promise<{ items: PlannedItem[]; removes: Record<string, LeftFolder> }> {
  const items: PlannedItem[] = [];
  const removes: Record<string, LeftFolder> = {};
  const last = entries.at(-1)?.at ?? 0;
  for (const folder of [...standing.folders.values()].filter(({ isMade }) => isMade)) {
    const { owner, title } = folder;
    const id = await idOf(deps, folder, last);
    if (id === undefined) continue;
    removes[id] = { owner, title };
    const what = `deletes the folder ${title} of ${owner}, which the restore made, if nothing is in it`;
    const how = { state: 'live', mode: 'new', commit: '', blocked: null } as const;
    const about = { itemId: id, title, type: folderType, owner, overwrites: [] };
    items.push({ ...about, ...how, steps: [{ step: 'delete', danger: 3, what }] });
  }
  return { items, removes };
}

/** Of one of which the restore never heard that it was made, the one that came until it was killed. */
async function idOf(
  { restorer }: RestoreDeps,
  { owner, title, id }: FolderProgress,
  last: number,
): Promise<string | undefined> {
  const folders = await (await restorer()).portal.folders(owner);
  if (id !== null) return folders.find((each) => each.id === id)?.id;
  const found = title === noFolder ? undefined : folderIn({ folder: title, folderId: null }, folders);
  // There was none of this title when it began to make one.
  return found !== undefined && found.created <= last + skew ? found.id : undefined;
}
