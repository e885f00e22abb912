import type { Archive } from '../archive/archive.ts';
import type { Commit } from '../git/commit.ts';
import { changedFolders, readFolders } from './folders.ts';
import type { IndexedCommit } from './history.ts';

/**
 * Reads what a commit changed. Throws STORE_DAMAGED when one of its folders cannot be read.
 * @param before the tree of `content` that it is compared with; undefined = none
 */
export async function readCommit(archive: Archive, commit: Commit, before: string | undefined): Promise<IndexedCommit> {
  const content = await archive.repository.treeAt(commit.tree, 'content');
  const folders = await readFolders(archive, await changedFolders(archive, before, content));
  return { ...commit, message: shortened(commit.message), content, folders };
}

/** A commit lists 500 items in its message; its first line and its trailers are enough. */
function shortened(message: string): string {
  const paragraphs = message.trimEnd().split('\n\n');
  const subject = (paragraphs[0] ?? '').split('\n', 1)[0] ?? '';
  return paragraphs.length < 2 ? subject : `${subject}\n\n${paragraphs.at(-1) ?? ''}`;
}
