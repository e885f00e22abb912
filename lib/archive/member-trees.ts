import type { Head } from './repository.ts';
import type { Archive } from './archive.ts';

/** Ids of the members' folders in a tree, by the name of the folder; none before the first commit. */
export async function memberTrees(
  { repository }: Pick<Archive, 'repository'>,
  head: Head | undefined,
): Promise<Map<string, string>> {
  const content = head && (await repository.treeAt(head.tree, 'content'));
  const entries = content === undefined ? [] : await repository.tree(content);
  return new Map(entries.filter(({ type }) => type === 'tree').map(({ name, oid }) => [name, oid]));
}
