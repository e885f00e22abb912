import type { Repository } from '../../archive/repository.ts';
import { readOwn, type OwnCommit } from './rewrite.ts';

/**
 * The commits of runs that lead to this one without any other between them, oldest first; each with its bytes. Throws STORE_DAMAGED.
 */
export async function readOwnCommits(repository: Pick<Repository, 'commitBytes'>, head: string): Promise<OwnCommit[]> {
  const found: OwnCommit[] = [];
  for (let next: string | undefined = head; next !== undefined;) {
    const own = readOwn(next, await repository.commitBytes(next));
    if (own === undefined) break;
    found.push(own);
    next = own.parent;
  }
  return found.reverse();
}
