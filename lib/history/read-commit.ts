import type { Archive } from '../archive/archive.ts';
import type { Commit } from '../git/commit.ts';
import { changedFolders, itemsIn, readFolders } from './folders.ts';
import type { IndexedCommit } from './history.ts';
import { readTaken } from './old-items.ts';

/**
 * Reads what a commit changed. Throws STORE_DAMAGED when one of its folders cannot be read.
 * @param before what it is compared with, as `itemsIn` says it; undefined = nothing
 */
export async function readCommit(archive: Archive, commit: Commit, before: string | undefined): Promise<IndexedCommit> {
  const content = itemsIn(await archive.repository.tree(commit.tree));
  const folders = await readFolders(archive, await changedFolders(archive, before, content));
  const taken = before?.includes(':') === true ? await readTaken(archive, commit.tree) : undefined;
  return { ...commit, message: shortened(commit.message), content, folders, ...(taken && { taken }) };
}

/** A commit lists 500 items in its message; its first line and its trailers are enough. */
function shortened(message: string): string {
  const paragraphs = message.trimEnd().split('\n\n');
  const subject = (paragraphs[0] ?? '').split('\n', 1)[0] ?? '';
  return paragraphs.length < 2 ? subject : `${subject}\n\n${paragraphs.at(-1) ?? ''}`;
}
