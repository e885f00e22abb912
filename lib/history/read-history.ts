import type { Archive } from '../archive/archive.ts';
import { readFolds } from '../archive/folds.ts';
import { runOf } from '../backup/report.ts';
import { BackupError, isCode } from '../errors.ts';
import type { Commit } from '../git/commit.ts';
import { CommitGone } from './at.ts';
import { readCommits } from './commits.ts';
import { heldArchive } from './held-archive.ts';
import { History, type HistoryCommit, type IndexedCommit } from './history.ts';
import { folderList } from './index/segment-commit.ts';
import { listSegments, readSegments } from './index/segments.ts';
import { isOldContent, joinOld } from './old-items.ts';
import { readCommit } from './read-commit.ts';
import { Snapshot } from './snapshot.ts';
import { straightHistory, type Timeline } from './timeline.ts';

/** A commit's items while its children are being read. */
interface Reached {
  snapshot: Snapshot;
  /** the tree of `content` that the snapshot was read from */
  content: string | undefined;
  /** children that are still to come */
  children: number;
}

/** What is known of commits already, by their ids. */
export type Known = ReadonlyMap<string, IndexedCommit>;

/**
 * Reads the whole history of an archive. What the history index does not know is read from the commits' trees, by comparing
 * their folders. Nothing is written. Throws STORE_NOT_REPOSITORY where there is no archive of ago-backup.
 * @param known in place of the history index
 */
export async function readHistory(archive: Archive, known?: Known): Promise<History> {
  const { store, repository } = archive;
  // Asked together: each waits for a store that may be far away. What fails where there is no archive says nothing.
  const reading = Promise.all([repository.head(), known ?? knownOf(archive)]);
  reading.catch(() => undefined);
  if ((await repository.inspect()) !== 'there')
    throw new BackupError('STORE_NOT_REPOSITORY', `${store.address} holds no archive.`);
  const [head, index] = await reading;
  if (head === undefined) return new History([]);
  // Without an index everything is read once.
  const reader = index.size === 0 ? heldArchive(archive) : archive;
  const { commits, damages } = await readCommits(reader, head.commit, index);
  const straight = damages.length === 0 ? await readStraight(reader, commits, index) : undefined;
  const read = straight?.commits ?? joinOld(await replay(reader, commits, index, damages));
  // What a commit changed is asked for last, and seldom: it may have to be worked out.
  if (read.every((commit) => runOf(commit.message) === undefined && commit.changes.size === 0))
    throw new BackupError('STORE_NOT_REPOSITORY', `${store.address} is a repository, but not one of ago-backup.`);
  return new History(read, damages, undefined, straight?.timeline);
}

/**
 * A history without merges and without commits of the old script: what each commit changed is worked out only where somebody asks.
 * Undefined of any other, and where something is damaged.
 */
async function readStraight(
  archive: Archive,
  commits: readonly Commit[],
  known: Known,
): Promise<{ commits: HistoryCommit[]; timeline: Timeline } | undefined> {
  const read: IndexedCommit[] = [];
  for (const commit of commits.toReversed()) {
    const before = read.at(-1);
    if (commit.parents.length > 1 || commit.parents[0] !== before?.oid) return undefined;
    const indexed = known.get(commit.oid);
    const own =
      indexed !== undefined && isSameParent(indexed, commit)
        ? indexed
        : await readOrNote(archive, commit, before?.content, []);
    if (own === undefined || own.taken !== undefined || isOldContent(own.content)) return undefined;
    read.push(own);
  }
  return straightHistory(commits, read.map(folderList));
}

async function knownOf({ store }: Archive): Promise<Known> {
  return readSegments(store, await listSegments(store));
}

/** Lives through the commits from the first to the last. */
async function replay(
  archive: Archive,
  commits: readonly Commit[],
  known: Known,
  damages: string[],
): Promise<HistoryCommit[]> {
  const reached = new Map<string, Reached>();
  const children = new Map<string, number>();
  for (const { parents } of commits) for (const oid of parents) children.set(oid, (children.get(oid) ?? 0) + 1);
  const done: HistoryCommit[] = [];
  for (const commit of commits.toReversed()) {
    const first = reached.get(commit.parents[0] ?? '');
    // The last child takes over what its parent had; earlier ones need it untouched.
    const isLast = first?.children === 1 && commit.parents.length === 1;
    const snapshot = isLast ? first.snapshot : new Snapshot(first?.snapshot);
    const indexed = known.get(commit.oid);
    // What the index says holds only beside the parent that it was compared with.
    const read =
      indexed !== undefined && isSameParent(indexed, commit)
        ? indexed
        : await readOrNote(archive, commit, first?.content, damages);
    const changes = snapshot.apply(read?.folders ?? []);
    const unlike = new Map<string, ReadonlySet<string>>();
    for (const parent of commit.parents.slice(1)) {
      const other = reached.get(parent);
      if (other !== undefined) unlike.set(parent, snapshot.unlike(other.snapshot));
    }
    const content = read === undefined ? first?.content : read.content;
    reached.set(commit.oid, { snapshot, content, children: children.get(commit.oid) ?? 0 });
    for (const parent of commit.parents) leave(reached, parent);
    done.push({ ...commit, changes, unlike, ...(read?.taken && { taken: read.taken }) });
  }
  return done.reverse();
}

function isSameParent(indexed: IndexedCommit, { parents }: Commit): boolean {
  return indexed.parents[0] === parents[0];
}

function leave(reached: Map<string, Reached>, oid: string): void {
  const parent = reached.get(oid);
  if (parent === undefined) return;
  parent.children -= 1;
  if (parent.children === 0) reached.delete(oid);
}

/** One whose folders are damaged changed nothing that can be told; the next is compared with the last that was read. */
async function readOrNote(
  archive: Archive,
  commit: Commit,
  before: string | undefined,
  damages: string[],
): Promise<IndexedCommit | undefined> {
  try {
    return await readCommit(archive, commit, before);
  } catch (error) {
    if (!isCode(error, 'STORE_DAMAGED')) throw error;
    damages.push(`A folder of the commit ${commit.oid} is missing or damaged; what it changed is not shown.`);
    return undefined;
  }
}

/**
 * Asks something of a history; where it names a commit that is not there, once more with what became of commits that were thinned out:
 * that is read only now, for few ask it.
 * @param ask must have no effect before it has found its commits
 */
export async function askHistory<T>(
  { store }: Pick<Archive, 'store'>,
  history: History,
  ask: (history: History) => Promise<T>,
): Promise<T> {
  try {
    return await ask(history);
  } catch (error) {
    if (!(error instanceof CommitGone) || history.folds !== undefined) throw error;
    const folds = await readFolds(store);
    if (folds.length === 0) throw error;
    return ask(new History(history.commits, history.damages, folds, history.timeline));
  }
}
