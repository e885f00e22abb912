import type { OldArchive } from './old-archive.ts';
import type { OldObjects } from './old-objects.ts';

/** Files that are looked for, by name, as the folders that they lie in; a file has nothing below it. */
type Sought = Map<string, Sought | undefined>;

/**
 * When the old archive got the files that it has: of each path the time of the commit (epoch ms) since which it is what it is.
 * Commits are read along their first parents, newest first, no further than needed, and of each only the folders that it
 * changed: there is one for every night of years.
 * @param paths of files in the latest commit
 */
export async function arrivals({ objects, tip }: OldArchive, paths: readonly string[]): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  const sought: Sought = new Map();
  for (const path of paths) add(sought, path.split('/'));
  for (let commit = tip; sought.size > 0;) {
    const [first] = commit.parents;
    const parent = first === undefined ? undefined : await objects.commit(first);
    const hear = (path: string) => void found.set(path, commit.time);
    await settle(objects, [commit.tree, parent?.tree], sought, '', hear);
    if (parent === undefined) break;
    commit = parent;
  }
  return found;
}

function add(sought: Sought, [name = '', ...rest]: readonly string[]): void {
  const below = sought.get(name) ?? (rest.length > 0 ? new Map<string, undefined>() : undefined);
  sought.set(name, below);
  if (below !== undefined) add(below, rest);
}

/** Hears of each file that the tree before has not as it is, which is sought no longer. */
async function settle(
  objects: OldObjects,
  [tree, before]: readonly [string, string | undefined],
  sought: Sought,
  folder: string,
  hear: (path: string) => void,
): Promise<void> {
  if (tree === before) return;
  const now = await entriesOf(objects, tree);
  const then = before === undefined ? undefined : await entriesOf(objects, before);
  for (const [name, below] of sought) {
    const [is, was] = [now.get(name), then?.get(name)];
    if (is?.oid === was?.oid) continue;
    if (below === undefined) hear(folder + name);
    else if (is !== undefined) {
      const wasTree = was?.type === 'tree' ? was.oid : undefined;
      await settle(objects, [is.oid, wasTree], below, `${folder}${name}/`, hear);
    }
    if (below === undefined || below.size === 0) sought.delete(name);
  }
}

async function entriesOf(objects: OldObjects, tree: string) {
  return new Map((await objects.tree(tree)).map((entry) => [entry.name, entry]));
}
