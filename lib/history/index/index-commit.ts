import type { Archive } from '../../archive/archive.ts';
import type { Commit } from '../../git/commit.ts';
import { chunks } from '../../storage/json-blobs.ts';
import { itemsIn } from '../folders.ts';
import type { IndexedCommit, ReadFolder } from '../history.ts';
import { readCommit } from '../read-commit.ts';
import { readUses } from '../uses.ts';

/** Items that are read at the same time. */
const atOnce = 16;

/**
 * What the index says of a commit; all of it follows from the commits. Throws STORE_DAMAGED.
 * @param before what its first parent holds, where that is known, as `itemsIn` says it
 */
export async function indexCommit(
  archive: Archive,
  commit: Commit,
  before?: { content: string | undefined },
): Promise<IndexedCommit> {
  const [first] = commit.parents;
  const content = before === undefined && first !== undefined ? await contentOf(archive, first) : before?.content;
  const read = await readCommit(archive, commit, content);
  return { ...read, folders: await withUses(archive, read.folders) };
}

async function contentOf({ repository }: Archive, commit: string): Promise<string | undefined> {
  return itemsIn(await repository.tree((await repository.commit(commit)).tree));
}

/** What older versions of ago-backup did not record is read once, and then stands in the index. */
async function withUses(archive: Archive, folders: readonly ReadFolder[]): Promise<ReadFolder[]> {
  const all: ReadFolder[] = [];
  for await (const group of chunks(folders, atOnce))
    all.push(...(await Promise.all(group.map((folder) => withOwnUses(archive, folder)))));
  return all;
}

async function withOwnUses(archive: Archive, folder: ReadFolder): Promise<ReadFolder> {
  const { path, tree, facts } = folder;
  if (tree === undefined || facts === null || facts.uses !== undefined) return folder;
  const { surelyIds: _surely, ...uses } = await readUses(archive, { ...facts, path, tree });
  return { ...folder, facts: { ...facts, uses } };
}
