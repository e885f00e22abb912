import type { Large } from '../git/large.ts';
import { damage, type Finding } from './finding.ts';
import type { Objects } from './objects.ts';

/** What walking the history met. */
export interface Walked {
  commits: number;
  trees: number;
  files: number;
  /** every Git LFS object that any commit names, by its SHA-256, with a place where it is named */
  named: Map<string, Large & { where: string }>;
}

/**
 * Follows every commit and every folder from the branch to the first commit, newest first: every object must be there and
 * be what its id says.
 */
export async function* walkHistory(objects: Objects, head: string, walked: Walked): AsyncGenerator<Finding> {
  const seen = new Set<string>();
  const next = [head];
  for (let oid = next.shift(); oid !== undefined; oid = next.shift()) {
    if (seen.has(oid)) continue;
    seen.add(oid);
    walked.commits += 1;
    const commit = await objects.commit(oid);
    if (commit === undefined) {
      yield damage(`The commit ${oid} is missing or damaged; what was before it cannot be reached.`, {
        mend: { do: 'list' },
      });
      continue;
    }
    yield* walkTree(objects, commit.tree, `commit ${oid.slice(0, 10)}:`, seen, walked);
    next.push(...commit.parents);
  }
}

async function* walkTree(
  objects: Objects,
  oid: string,
  where: string,
  seen: Set<string>,
  walked: Walked,
): AsyncGenerator<Finding> {
  if (seen.has(oid)) return;
  seen.add(oid);
  walked.trees += 1;
  const entries = await objects.tree(oid);
  if (entries === undefined) {
    yield damage(`The folder ${oid} is missing or damaged (${where}).`, { mend: { do: 'list' } });
    return;
  }
  for (const { oid: below, name, type } of entries) {
    const path = where.endsWith(':') ? `${where}${name}` : `${where}/${name}`;
    if (type === 'tree') yield* walkTree(objects, below, path, seen, walked);
    else if (type === 'blob' && !seen.has(below)) {
      seen.add(below);
      walked.files += 1;
      if ((await objects.file(below)) === undefined)
        yield damage(`The file ${below} is missing or damaged (${path}).`, { mend: { do: 'list' } });
      const large = objects.pointer(below);
      if (large !== undefined && !walked.named.has(large.sha256))
        walked.named.set(large.sha256, { ...large, where: path });
    }
  }
}
