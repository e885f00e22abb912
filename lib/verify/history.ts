import { isCode } from '../errors.ts';
import type { Head, Repository } from '../git/repository.ts';
import { damage, type Finding } from './finding.ts';

/** What walking the history met. */
export interface Walked {
  commits: number;
  trees: number;
  files: number;
}

/**
 * Follows every commit and every folder from the branch to the first commit; every object must be there and be what its id
 * says. Files are looked up; their bytes are proven with their packs.
 * @param oids all objects of the packs that hold
 */
export async function* walkHistory(
  repository: Repository,
  head: Head,
  oids: ReadonlySet<string>,
  walked: Walked,
): AsyncGenerator<Finding> {
  const seen = new Set<string>();
  for (let at: Head | undefined = head; at !== undefined;) {
    walked.commits += 1;
    yield* walkTree(repository, at.tree, `commit ${at.commit.slice(0, 10)}`, oids, seen, walked);
    const parent: Head | Finding | undefined = await attempt(() => repository.parent(at as Head));
    if (parent !== undefined && 'kind' in parent) {
      yield parent;
      return;
    }
    at = parent;
  }
}

async function* walkTree(
  repository: Repository,
  oid: string,
  where: string,
  oids: ReadonlySet<string>,
  seen: Set<string>,
  walked: Walked,
): AsyncGenerator<Finding> {
  if (seen.has(oid)) return;
  seen.add(oid);
  walked.trees += 1;
  const entries = await attempt(() => repository.tree(oid));
  if (entries === undefined) return;
  if ('kind' in entries) {
    yield { ...entries, what: `${entries.what} (${where})` };
    return;
  }
  for (const entry of entries) {
    const path = `${where}: ${entry.name}`;
    if (entry.type === 'tree') yield* walkTree(repository, entry.oid, path, oids, seen, walked);
    else if (!seen.has(entry.oid)) {
      seen.add(entry.oid);
      walked.files += 1;
      if (!oids.has(entry.oid)) yield damage(`The file ${entry.oid} is missing (${path}).`);
    }
  }
}

async function attempt<T>(read: () => Promise<T>): Promise<T | Finding> {
  try {
    return await read();
  } catch (error) {
    if (!isCode(error, 'STORE_DAMAGED')) throw error;
    return damage(error.message);
  }
}
