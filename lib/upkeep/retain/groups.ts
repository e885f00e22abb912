import type { Repository } from '../../archive/repository.ts';
import type { Did } from '../../backup/keep.ts';

/** Where the groups' files lie. */
const folder = 'organization/groups';

/**
 * What each of these commits did to the files of groups, compared with the one before it: the history tells of items only.
 * Throws STORE_DAMAGED.
 * @param commits oldest first
 */
export async function changedGroups(
  repository: Pick<Repository, 'tree' | 'treeAt'>,
  commits: readonly { tree: string }[],
): Promise<Map<string, Did>[]> {
  let before = new Map<string, string>();
  let last: string | undefined;
  const all: Map<string, Did>[] = [];
  for (const { tree } of commits) {
    const groups = await repository.treeAt(tree, folder);
    if (groups === last) {
      all.push(new Map());
      continue;
    }
    const entries = groups === undefined ? [] : await repository.tree(groups);
    const now = new Map(entries.map(({ name, oid }) => [`${folder}/${name}`, oid]));
    const paths = new Set([...before.keys(), ...now.keys()]);
    const changed = [...paths].filter((path) => before.get(path) !== now.get(path));
    all.push(new Map(changed.map((path) => [path, { before: before.get(path), after: now.get(path) }])));
    [before, last] = [now, groups];
  }
  return all;
}
