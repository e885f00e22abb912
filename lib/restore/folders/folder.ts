import type { Home } from '../words.ts';

/** A folder in which something of a restore is to lie. */
export interface FolderTarget {
  owner: string;
  title: string;
  /** ids that it had, under which it lives no more */
  from: string[];
  /** the one that lives; null: it is made */
  id: string | null;
}

/** A folder that an undo deletes, if nothing is in it. */
export interface LeftFolder {
  owner: string;
  title: string;
}

/** By what a folder is known in journals: no two of a member have one title. */
export function folderKey({ owner, title }: { owner: string; title: string }): string {
  return `${owner.toLowerCase()}/${title.toLowerCase()}`;
}

/** Which of a member's folders is meant: the very one, else one of its title, else the one that has another title now. */
export function folderIn<F extends { id: string; title: string }>(
  { folder, folderId }: Pick<Home, 'folder' | 'folderId'>,
  folders: readonly F[],
): F | undefined {
  return (
    folders.find(({ id, title }) => id === folderId && title === folder) ??
    folders.find(({ title }) => title.toLowerCase() === folder.toLowerCase()) ??
    folders.find(({ id }) => id === folderId)
  );
}
