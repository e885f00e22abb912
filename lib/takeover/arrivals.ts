import type { OldArchive } from './old-archive.ts';

/**
 * When the old archive got the files that it has: of each path the time of the commit (epoch ms) since which it is what it is.
 * Commits are read along their first parents, newest first, no further than needed.
 */
export async function arrivals({ objects, tip }: OldArchive, paths: readonly string[]): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  const open = new Map<string, string>();
  for (const path of paths) {
    const oid = await objects.at(tip.tree, path);
    if (oid !== undefined) open.set(path, oid);
  }
  for (let commit = tip; open.size > 0;) {
    const [first] = commit.parents;
    const parent = first === undefined ? undefined : await objects.commit(first);
    for (const [path, oid] of open) {
      if (parent !== undefined && (await objects.at(parent.tree, path)) === oid) continue;
      found.set(path, commit.time);
      open.delete(path);
    }
    if (parent === undefined) break;
    commit = parent;
  }
  return found;
}
