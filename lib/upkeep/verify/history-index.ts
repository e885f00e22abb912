import { allHistory } from '../../archive/layout.ts';
import type { Archive } from '../../archive/archive.ts';
import { isCode } from '../../errors.ts';
import { heldArchive } from '../../history/held-archive.ts';
import type { IndexedCommit } from '../../history/history.ts';
import { indexCommit } from '../../history/index/index-commit.ts';
import { segmentName, segmentText } from '../../history/index/segment.ts';
import { listSegments, readSegment } from '../../history/index/segments.ts';
import type { BlobStore } from '../../storage/blob-store.ts';
import { notice, type Finding } from './finding.ts';

const cure = 'Run `ago-backup repair`, or delete the blob; the next run makes it again.';

/**
 * The history index tells what the commits tell: each segment is whole, and names for each of its commits the very folders that
 * differ from those of its parent, with what backup.json calls them. What cannot be read of the commits was named by the walk of the history.
 */
export async function* verifyHistoryIndex(store: BlobStore): AsyncGenerator<Finding> {
  const archive = heldArchive({ store });
  for (const segment of await listSegments(store)) {
    const name = allHistory + segmentName(segment);
    const commits = await readSegment(store, segment);
    // Gone meanwhile is merged meanwhile.
    if (commits === undefined && (await store.stat(name)) === undefined) continue;
    if (commits === undefined) yield notice(`${name} is damaged.`, cure, { do: 'aside', name });
    else if (!(await areRight(archive, commits)))
      yield notice(`${name} is out of step with the commits.`, cure, { do: 'aside', name });
  }
}

async function areRight(archive: Archive, commits: readonly IndexedCommit[]): Promise<boolean> {
  for (const commit of commits) if (!(await isRight(archive, commit))) return false;
  return true;
}

/** Does it say what reading the commit anew says: folders, names, owners, sizes and uses? */
async function isRight(archive: Archive, told: IndexedCommit): Promise<boolean> {
  try {
    const right = await indexCommit(archive, await archive.repository.commit(told.oid));
    return segmentText([right]) === segmentText([told]);
  } catch (error) {
    if (!isCode(error, 'STORE_DAMAGED')) throw error;
    return true;
  }
}
