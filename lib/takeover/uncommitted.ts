import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { oneLine } from '../backup/words.ts';
import { readIndex, type IndexEntry } from './git-index.ts';
import type { OldObjects } from './old-objects.ts';
import type { Found } from './find-repository.ts';
import { refused } from './refusals.ts';

/** Paths that the error names. */
const mostNamed = 5;

/**
 * Throws TAKEOVER_REFUSED when a working copy holds what its latest commit does not: a run of the old script that was never
 * committed would be lost without a word. Files are compared by what git's index noted of them, as `git status` does first; none is
 * read.
 * @param tree of the latest commit
 */
export async function refuseUncommitted(
  { gitFolder, workingCopy: folder }: Found & { workingCopy: string },
  objects: OldObjects,
  tree: string,
): Promise<void> {
  const bytes = await readFile(join(gitFolder, 'index')).catch(nothingThere);
  if (bytes === undefined) return;
  const index = readIndex(bytes);
  if (index === undefined)
    throw refused(
      `The index of ${folder} is damaged, or of a kind that is not known here, so nobody can say what is not committed.`,
      'Run `git update-index --index-version 2` in it, or take over a bare clone of it.',
    );
  const found: string[] = [];
  for await (const path of differing(folder, objects, tree, index)) {
    found.push(oneLine(path));
    if (found.length > mostNamed) break;
  }
  if (found.length === 0) return;
  const names = found.slice(0, mostNamed).join(', ');
  throw refused(
    `${folder} has changes that are not committed: ${names}${found.length > mostNamed ? ', …' : ''}.`,
    'Let the old script end, or commit: `git add --all`, then `git commit -m "last run"`; or take over a bare clone of it.',
  );
}

/** Paths that are not the same in the commit, the index and on disk. */
async function* differing(
  folder: string,
  objects: OldObjects,
  tree: string,
  index: ReadonlyMap<string, IndexEntry>,
): AsyncGenerator<string> {
  const committed = new Map<string, string>();
  for await (const [path, oid] of filesOf(objects, tree, '')) committed.set(path, oid);
  for (const [path, { oid, size, isRepository }] of index) {
    const facts = await lstat(join(folder, path)).catch(nothingThere);
    // git keeps the lower 32 bits of a size; of another repository only which commit of it belongs here.
    const isSame = isRepository || (facts !== undefined && facts.size % 2 ** 32 === size);
    if (committed.get(path) !== oid || !isSame) yield path;
  }
  for (const path of committed.keys()) if (!index.has(path)) yield path;
  for await (const path of onDisk(folder, '', index)) if (!index.has(path)) yield path;
}

async function* filesOf(objects: OldObjects, tree: string, path: string): AsyncGenerator<[string, string]> {
  for (const { name, oid, type } of await objects.tree(tree)) {
    if (type === 'tree') yield* filesOf(objects, oid, `${path}${name}/`);
    else yield [path + name, oid];
  }
}

/** What git keeps out of every commit lies below a name .git, or in a repository of its own. */
async function* onDisk(folder: string, path: string, index: ReadonlyMap<string, IndexEntry>): AsyncGenerator<string> {
  for (const entry of await readdir(join(folder, path), { withFileTypes: true })) {
    if (entry.name.toLowerCase() === '.git') continue;
    const name = path + entry.name;
    if (!entry.isDirectory()) yield name;
    else if (index.get(name)?.isRepository !== true) yield* onDisk(folder, `${name}/`, index);
  }
}

function nothingThere(error: NodeJS.ErrnoException): undefined {
  if (!['ENOENT', 'ENOTDIR'].includes(error.code ?? '')) throw error;
}
