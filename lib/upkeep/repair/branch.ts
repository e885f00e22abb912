import { readFolds, type Fold } from '../../archive/folds.ts';
import { BackupError } from '../../errors.ts';
import { branch, infoRefs, isCommitId, withBranch } from '../../git/layout.ts';
import type { BlobStore } from '../../storage/blob-store.ts';
import { replace } from './step.ts';
import { Objects } from '../verify/objects.ts';

/**
 * Puts the branch back to that commit which descends from all others that runs recorded or info/refs tells of, as far as they
 * can be read: that is where it was, whatever the clocks of the runs have said. A sentence; undefined when a run has put it right
 * meanwhile. Throws STORE_DAMAGED when there is no such commit, or when it cannot be told.
 * @param recorded in any order
 */
export async function mendBranch(store: BlobStore, recorded: AsyncIterable<string>): Promise<string | undefined> {
  const objects = new Objects(store);
  const now = await store.get(branch);
  const at = now?.bytes.toString().trim() ?? '';
  if (isCommitId(at) && (await objects.commit(at)) !== undefined) return undefined;
  const told = (await store.get(infoRefs))?.bytes.toString() ?? '';
  const candidates = new Set<string>();
  for (const commit of [...(await Array.fromAsync(recorded)), ...branchIn(told)])
    if (isCommitId(commit) && (await isReadable(objects, commit))) candidates.add(commit);
  const folds = await readFolds(store);
  // A thinned out history may be all that is left of what runs recorded.
  if (candidates.size === 0) for (const { to } of folds) if (await isReadable(objects, to)) candidates.add(to);
  const commit = await findLast(objects, candidates, folds);
  await replace(store, branch, Buffer.from(`${commit}\n`), now?.etag ?? null);
  await store.put(infoRefs, Buffer.from(withBranch(told, commit)));
  return `Put the branch back to commit ${commit.slice(0, 10)}, the last one that a run recorded.`;
}

function branchIn(told: string): string[] {
  return told.split('\n').flatMap((line) => (line.endsWith(`\t${branch}`) ? [line.slice(0, 40)] : []));
}

async function isReadable(objects: Objects, oid: string): Promise<boolean> {
  const commit = await objects.commit(oid);
  return commit !== undefined && (await objects.tree(commit.tree)) !== undefined;
}

/** Parents by commit, of all that these commits descend from; none known where a commit cannot be read. */
type Ancestry = Map<string, readonly string[] | undefined>;

/** That from which all others can be reached; where a commit in between is lost, the only one that may have all others before it. */
async function findLast(
  objects: Objects,
  commits: ReadonlySet<string>,
  folds: readonly Pick<Fold, 'from' | 'to'>[],
): Promise<string> {
  const ancestry: Ancestry = new Map();
  const all = new Set(commits);
  // A commit at which history was thinned out comes after the one at which the branch was before.
  const replaced = Map.groupBy(folds, ({ to }) => to);
  for (const commit of all) {
    const parents = (await objects.commit(commit))?.parents;
    const before = (replaced.get(commit) ?? []).map(({ from }) => from);
    ancestry.set(commit, parents && [...parents, ...before]);
    for (const parent of [...(parents ?? []), ...before]) all.add(parent);
  }
  const before = new Set([...ancestry.values()].flatMap((parents) => parents ?? []));
  const last = [...commits].filter((commit) => !before.has(commit));
  const [only, ...others] = last.length === 1 ? last : last.filter((commit) => isCut(ancestry, commit));
  if (only !== undefined && others.length === 0) return only;
  if (commits.size === 0) throw new BackupError('STORE_DAMAGED', 'No run recorded a commit that can be read.');
  throw new BackupError('STORE_DAMAGED', `Where the branch was cannot be told: it may be ${last.join(' or ')}.`, {
    hint: `Write the right one into ${branch}: its id and a line end. \`git log ID\` in a copy shows what each of them holds.`,
  });
}

/** Does the way back from a commit end at one that cannot be read? */
function isCut(ancestry: Ancestry, commit: string): boolean {
  const way = new Set([commit]);
  for (const each of way) for (const parent of ancestry.get(each) ?? []) way.add(parent);
  return [...way].some((each) => ancestry.get(each) === undefined);
}
