import type { Candidate } from '../planning/candidate.ts';
import type { Planning } from '../planning/planning.ts';
import { noFolder } from '../words.ts';
import { folderIn, folderKey, type FolderTarget } from './folder.ts';

/** Where what goes is to lie: which folders live, under which ids, and which will be made. */
export async function planFolders({ portal, wish }: Planning, going: readonly Candidate[]): Promise<FolderTarget[]> {
  const found = new Map<string, FolderTarget>();
  const listed = new Map<string, Awaited<ReturnType<typeof portal.folders>>>();
  for (const { target } of going) {
    const { owner, folder: title, folderId } = target.home;
    if (title === noFolder) continue;
    const folders = listed.get(owner) ?? (await portal.folders(owner));
    listed.set(owner, folders);
    const key = folderKey({ owner, title });
    const known: FolderTarget = found.get(key) ?? {
      owner,
      title,
      from: [],
      id: folderIn(target.home, folders)?.id ?? null,
    };
    found.set(key, known);
    // What an undo gives back names what it named.
    const isOld = wish.isUndo !== true && folderId !== null && !folders.some(({ id }) => id === folderId);
    if (isOld && !known.from.includes(folderId)) known.from.push(folderId);
  }
  return [...found.values()];
}

/** Ids of folders that are others now; of those that will be made only that they will be. */
export function foldersMap(folders: readonly FolderTarget[]): [string, string][] {
  return folders.flatMap(({ from, id }) => from.map((old): [string, string] => [old, id ?? '0'.repeat(32)]));
}
