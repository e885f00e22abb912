import { allHistory } from '../../archive/layout.ts';
import type { Archive } from '../../archive/archive.ts';
import { isCode } from '../../errors.ts';
import { heldArchive } from '../../history/held-archive.ts';
import type { IndexedCommit, ReadFolder } from '../../history/history.ts';
import { indexCommit } from '../../history/index/index-commit.ts';
import { segmentName, segmentText } from '../../history/index/segment.ts';
import { listSegments, readSegment } from '../../history/index/segments.ts';
import { notice, type Finding } from './finding.ts';
import type { Turn } from './turn.ts';
import type { Work } from './work.ts';

const cure = 'Run `ago-backup repair`, or delete the blob; the next run makes it again.';

/**
 * The history index tells what the commits tell: each segment is whole, and names for each of its commits the very folders that
 * differ from those of its parent, with what backup.json calls them. What cannot be read of the commits was named by the walk of the history.
 * Stops when the turn is over.
 */
export async function verifyHistoryIndex({ store, state }: Work, turn: Turn): Promise<void> {
  const archive = heldArchive({ store });
  const segments = await listSegments(store);
  for (const segment of segments) {
    const name = allHistory + segmentName(segment);
    if (state.segments.get(name)?.isDone === true) continue;
    const looked = state.segments.get(name) ?? { isDone: false, commits: 0, finding: null };
    state.segments.set(name, looked);
    const done = [...state.segments.values()].filter(({ isDone }) => isDone).length;
    turn.tell({ phase: 'index', done, total: segments.length, unit: 'segments' });
    const commits = await readSegment(store, segment);
    if (commits === undefined) looked.finding = notice(`${name} is damaged.`, cure, { do: 'aside', name });
    while (looked.finding === null && looked.commits < (commits?.length ?? 0)) {
      const commit = commits?.[looked.commits];
      looked.commits += 1;
      if (commit !== undefined && !(await isRight(archive, commit)))
        looked.finding = notice(`${name} is out of step with the commits.`, cure, { do: 'aside', name });
      if (turn.isOver()) return;
    }
    looked.isDone = true;
  }
  state.isIndexRead = true;
}

/** What is wrong with the segments that are still there: what is gone meanwhile is merged meanwhile. */
export async function indexFindings({ store, state }: Work): Promise<Finding[]> {
  const there = new Set((await listSegments(store)).map((segment) => allHistory + segmentName(segment)));
  return [...state.segments].flatMap(([name, { finding }]) => (finding !== null && there.has(name) ? [finding] : []));
}

/** Does it say what reading the commit anew says: folders, names, owners, sizes and uses? */
async function isRight(archive: Archive, told: IndexedCommit): Promise<boolean> {
  try {
    const right = await indexCommit(archive, await archive.repository.commit(told.oid));
    if (segmentText([right]) === segmentText([told])) return true;
    const folders = await Promise.all(right.folders.map((each, n) => judged(archive, each, told.folders[n])));
    return segmentText([{ ...right, folders }]) === segmentText([told]);
  } catch (error) {
    if (!isCode(error, 'STORE_DAMAGED')) throw error;
    return true;
  }
}

/** Of a folder whose files are damaged by now the index may know more than they tell: it was made while they were whole. */
async function judged({ repository }: Archive, right: ReadFolder, told: ReadFolder | undefined): Promise<ReadFolder> {
  if (told === undefined || right.tree === undefined || right.tree !== told.tree) return right;
  const isWhole = async (tree: string): Promise<void> => {
    for (const { oid, type } of await repository.tree(tree))
      await (type === 'tree' ? isWhole(oid) : repository.blob(oid));
  };
  try {
    await isWhole(right.tree);
    return right;
  } catch (error) {
    if (!isCode(error, 'STORE_DAMAGED')) throw error;
    return { ...right, facts: told.facts };
  }
}
