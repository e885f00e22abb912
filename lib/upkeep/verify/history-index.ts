import { allHistory } from '../../archive/layout.ts';
import { BackupError, isCode } from '../../errors.ts';
import { changedFolders, itemsIn } from '../../history/folders.ts';
import type { IndexedCommit } from '../../history/history.ts';
import { segmentName } from '../../history/index/segment.ts';
import { listSegments, readSegment } from '../../history/index/segments.ts';
import type { BlobStore } from '../../storage/blob-store.ts';
import { notice, type Finding } from './finding.ts';
import type { Objects } from './objects.ts';

const cure = 'Run `ago-backup repair`, or delete the blob; the next run makes it again.';

/**
 * The history index tells what the commits tell: each segment is whole, and names for each of its commits the very folders that
 * differ from those of its parent. What cannot be read of the commits was named by the walk of the history.
 */
export async function* verifyHistoryIndex(store: BlobStore, objects: Objects): AsyncGenerator<Finding> {
  for (const segment of await listSegments(store)) {
    const name = allHistory + segmentName(segment);
    const commits = await readSegment(store, segment);
    // Gone meanwhile is merged meanwhile.
    if (commits === undefined && (await store.stat(name)) === undefined) continue;
    if (commits === undefined) yield notice(`${name} is damaged.`, cure, { do: 'aside', name });
    else if (!(await areRight(objects, commits)))
      yield notice(`${name} is out of step with the commits.`, cure, { do: 'aside', name });
  }
}

async function areRight(objects: Objects, commits: readonly IndexedCommit[]): Promise<boolean> {
  for (const commit of commits) if (!(await isRight(objects, commit))) return false;
  return true;
}

async function isRight(objects: Objects, { oid, tree, parents, content, folders }: IndexedCommit): Promise<boolean> {
  const found = await objects.commit(oid);
  if (found === undefined) return true;
  if (found.tree !== tree || found.parents.join() !== parents.join()) return false;
  const repository = { tree: (id: string) => needTree(objects, id) };
  try {
    const before = parents[0] === undefined ? undefined : await contentOf(objects, parents[0]);
    if ((await contentOf(objects, oid)) !== content) return false;
    const right = await changedFolders({ repository }, before, content);
    const textOf = (all: readonly { path: string; tree: string | undefined }[]) =>
      all
        .map((each) => `${each.tree} ${each.path}`)
        .sort()
        .join('\n');
    return textOf(right) === textOf(folders);
  } catch (error) {
    if (!isCode(error, 'STORE_DAMAGED')) throw error;
    return true;
  }
}

async function contentOf(objects: Objects, commit: string): Promise<string | undefined> {
  const { tree } = (await objects.commit(commit)) ?? lost(commit);
  return itemsIn(await needTree(objects, tree));
}

async function needTree(objects: Objects, tree: string) {
  return (await objects.tree(tree)) ?? lost(tree);
}

function lost(oid: string): never {
  throw new BackupError('STORE_DAMAGED', `${oid} is missing.`);
}
