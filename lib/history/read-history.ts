import type { Archive } from '../archive/archive.ts';
import { runOf } from '../backup/report.ts';
import { BackupError, isCode } from '../errors.ts';
import type { Commit } from '../git/commit.ts';
import { readCommits } from './commits.ts';
import { changedFolders, manifestsIn } from './folders.ts';
import { History, type HistoryCommit } from './history.ts';
import { Snapshot } from './snapshot.ts';

/** A commit's items while its children are being read. */
interface Reached {
  snapshot: Snapshot;
  /** the tree of `content` that the snapshot was read from */
  content: string | undefined;
  /** children that are still to come */
  children: number;
}

/**
 * Reads the whole history of an archive, comparing each commit's folders with those of its parent. Nothing is written.
 * Throws STORE_NOT_REPOSITORY where there is no archive of ago-backup.
 */
export async function readHistory(archive: Archive): Promise<History> {
  const { store, repository } = archive;
  if ((await repository.inspect()) !== 'there')
    throw new BackupError('STORE_NOT_REPOSITORY', `${store.address} holds no archive.`);
  const head = await repository.head();
  if (head === undefined) return new History([]);
  const { commits, damages } = await readCommits(archive, head.commit);
  const read = await replay(archive, commits, damages);
  if (read.every(({ changes, message }) => changes.size === 0 && runOf(message) === undefined))
    throw new BackupError('STORE_NOT_REPOSITORY', `${store.address} is a repository, but not one of ago-backup.`);
  return new History(read, damages);
}

/** Lives through the commits from the first to the last. */
async function replay(archive: Archive, commits: readonly Commit[], damages: string[]): Promise<HistoryCommit[]> {
  const reached = new Map<string, Reached>();
  const children = new Map<string, number>();
  for (const { parents } of commits) for (const oid of parents) children.set(oid, (children.get(oid) ?? 0) + 1);
  const done: HistoryCommit[] = [];
  for (const commit of commits.toReversed()) {
    const first = reached.get(commit.parents[0] ?? '');
    // The last child takes over what its parent had; earlier ones need it untouched.
    const isLast = first?.children === 1 && commit.parents.length === 1;
    const snapshot = isLast ? first.snapshot : new Snapshot(first?.snapshot);
    const { changes, content } = await changesOf(archive, commit, snapshot, first?.content, damages);
    const unlike = new Map<string, ReadonlySet<string>>();
    for (const parent of commit.parents.slice(1)) {
      const other = reached.get(parent);
      if (other !== undefined) unlike.set(parent, snapshot.unlike(other.snapshot));
    }
    reached.set(commit.oid, { snapshot, content, children: children.get(commit.oid) ?? 0 });
    for (const parent of commit.parents) leave(reached, parent);
    done.push({ ...commit, changes, unlike });
  }
  return done.reverse();
}

function leave(reached: Map<string, Reached>, oid: string): void {
  const parent = reached.get(oid);
  if (parent === undefined) return;
  parent.children -= 1;
  if (parent.children === 0) reached.delete(oid);
}

/** What a commit changed. One whose folders are damaged changed nothing that can be told; the next is compared with the last that was read. */
async function changesOf(
  archive: Archive,
  commit: Commit,
  snapshot: Snapshot,
  before: string | undefined,
  damages: string[],
) {
  try {
    const content = await archive.repository.treeAt(commit.tree, 'content');
    const folders = await changedFolders(archive, before, content);
    return { changes: snapshot.apply(await manifestsIn(archive, folders)), content };
  } catch (error) {
    if (!isCode(error, 'STORE_DAMAGED')) throw error;
    damages.push(`A folder of the commit ${commit.oid} is missing or damaged; what it changed is not shown.`);
    return { changes: new Map(), content: before };
  }
}
