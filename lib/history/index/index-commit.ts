import type { Archive } from '../../archive/archive.ts';
import type { Commit } from '../../git/commit.ts';
import { chunks } from '../../storage/json-blobs.ts';
import { itemsIn } from '../folders.ts';
import type { IndexedCommit, ReadFolder } from '../history.ts';
import { readCommit } from '../read-commit.ts';
import { tagsOf } from '../item-files.ts';
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
  return { ...read, folders: await withMore(archive, read.folders) };
}

async function contentOf({ repository }: Archive, commit: string): Promise<string | undefined> {
  return itemsIn(await repository.tree((await repository.commit(commit)).tree));
}

/** What backup.json does not record is read once, and then stands in the index. */
async function withMore(archive: Archive, folders: readonly ReadFolder[]): Promise<ReadFolder[]> {
  const all: ReadFolder[] = [];
  for await (const group of chunks(folders, atOnce))
    all.push(...(await Promise.all(group.map((folder) => withOwn(archive, folder)))));
  return all;
}

async function withOwn(archive: Archive, folder: ReadFolder): Promise<ReadFolder> {
  const { path, tree, facts } = folder;
  if (tree === undefined || facts === null) return folder;
  const tags = await tagsOf(archive, { tree });
  if (facts.uses !== undefined) return { ...folder, facts: { ...facts, tags } };
  const { surelyIds: _surely, ...uses } = await readUses(archive, { ...facts, path, tree });
  return { ...folder, facts: { ...facts, tags, uses } };
}
