import type { Archive } from '../archive/archive.ts';
import { isCode } from '../errors.ts';
import type { Commit } from '../git/commit.ts';
import type { Known } from './read-history.ts';

/**
 * All commits that can be reached from one, children before their parents, and of those that do not say which came first the
 * later one first. Clocks err, so times alone order nothing.
 * @param known what the history index knows; the rest is read from git
 * @returns also what is missing or damaged: there the history ends
 */
export async function readCommits(
  { repository }: Archive,
  head: string,
  known: Known = new Map(),
): Promise<{ commits: Commit[]; damages: string[] }> {
  const found = new Map<string, Commit>();
  const damages: string[] = [];
  let next = [head];
  while (next.length > 0) {
    const read = await Promise.all(next.map(async (oid) => known.get(oid) ?? (await findCommit(repository, oid))));
    const parents = new Set<string>();
    for (const [n, commit] of read.entries()) {
      if (commit === undefined)
        damages.push(`The commit ${next[n]} is missing or damaged; what was before it is not shown.`);
      else {
        found.set(commit.oid, commit);
        for (const parent of commit.parents) parents.add(parent);
      }
    }
    next = [...parents].filter((oid) => !found.has(oid));
  }
  return { commits: inOrder(found), damages };
}

async function findCommit(repository: Archive['repository'], oid: string): Promise<Commit | undefined> {
  try {
    return await repository.commit(oid);
  } catch (error) {
    if (!isCode(error, 'STORE_DAMAGED')) throw error;
    return undefined;
  }
}

/** Kahn's way: a commit comes when all its children have come. A parent that could not be read is left out of its child. */
function inOrder(found: ReadonlyMap<string, Commit>): Commit[] {
  const children = new Map([...found.keys()].map((oid) => [oid, 0]));
  const known = ({ parents }: Commit) => parents.filter((parent) => found.has(parent));
  for (const commit of found.values())
    for (const parent of known(commit)) children.set(parent, (children.get(parent) ?? 0) + 1);
  const ready = [...found.values()].filter(({ oid }) => children.get(oid) === 0);
  const ordered: Commit[] = [];
  for (let commit = latestOf(ready); commit !== undefined; commit = latestOf(ready)) {
    ordered.push({ ...commit, parents: known(commit) });
    for (const oid of known(commit)) {
      const left = (children.get(oid) ?? 0) - 1;
      children.set(oid, left);
      const parent = found.get(oid);
      if (left === 0 && parent !== undefined) ready.push(parent);
    }
  }
  return ordered;
}

/** Takes the latest out; there are as many as there are branches that were merged. */
function latestOf(ready: Commit[]): Commit | undefined {
  let latest = 0;
  for (const [n, { time }] of ready.entries()) if (time > (ready[latest]?.time ?? 0)) latest = n;
  return ready.splice(latest, 1)[0];
}
