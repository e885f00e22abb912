import type { Large } from '../../archive/lfs.ts';
import type { TreeEntry } from '../../git/tree-bytes.ts';
import { damage, notice, type Finding } from './finding.ts';
import type { Objects } from './objects.ts';

/** What walking the history met. */
export interface Walked {
  commits: number;
  trees: number;
  files: number;
  /** every Git LFS object that a backup.json of any commit names, by its SHA-256, with a place where it is named */
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
      yield lost(oid, `The commit ${oid} is missing or damaged; what was before it cannot be reached.`, oid === head);
      continue;
    }
    yield* walkTree(objects, commit.tree, `commit ${oid.slice(0, 10)}:`, seen, walked, oid === head);
    next.push(...commit.parents);
  }
}

async function* walkTree(
  objects: Objects,
  oid: string,
  where: string,
  seen: Set<string>,
  walked: Walked,
  isLatest: boolean,
  inItem = false,
): AsyncGenerator<Finding> {
  // A member may have laid a copy of another item's folder beside an item: there it means nothing.
  const key = inItem ? `${oid} in an item` : oid;
  if (seen.has(key)) return;
  seen.add(key);
  walked.trees += 1;
  const entries = await objects.tree(oid);
  if (entries === undefined) {
    yield lost(oid, `The folder ${oid} is missing or damaged (${where}).`, isLatest);
    return;
  }
  const manifest = inItem ? undefined : entries.find(({ name, type }) => name === 'backup.json' && type === 'blob');
  for (const { oid: below, name, type } of entries) {
    const path = pathOf(where, name);
    if (type === 'tree' && isRefused(name)) yield refusedByGit(path);
    if (type === 'tree')
      yield* walkTree(objects, below, path, seen, walked, isLatest, inItem || manifest !== undefined);
    else if (type === 'blob' && !seen.has(below)) {
      seen.add(below);
      walked.files += 1;
      if ((await objects.file(below)) === undefined)
        yield lost(below, `The file ${below} is missing or damaged (${path}).`, isLatest);
    }
  }
  if (manifest !== undefined) await nameLarge(objects, entries, manifest.oid, where, walked);
}

/**
 * Folders of these names git takes for files of its own that are none. The old script wrote such, and a take-over leaves old commits as
 * they are. https://git-scm.com/docs/git-fsck#_fsck_messages (gitmodulesBlob, gitattributesBlob)
 */
function isRefused(name: string): boolean {
  return /^\.git(?:modules|attributes)$/i.test(name);
}

function refusedByGit(path: string): Finding {
  return notice(
    `${path} is a folder, and \`git fsck --strict\` takes a folder of this name for damage.`,
    'Nothing is to do: what others committed stays as it is, clones are not affected, and ago-backup never writes such a name.',
  );
}

/** What the latest commit needs is never accepted as lost: the walk meets it there first. */
function lost(oid: string, what: string, isLatest: boolean): Finding {
  const loss = isLatest ? undefined : { object: oid, state: 'missing or damaged' };
  return damage(what, { mend: { do: 'list' }, loss });
}

/**
 * The Git LFS objects of an item's folder: what its backup.json calls so, and what is their pointer. Any other file that
 * looks like a pointer is a member's own text.
 */
async function nameLarge(
  objects: Objects,
  entries: readonly TreeEntry[],
  manifest: string,
  where: string,
  { named }: Walked,
): Promise<void> {
  const parts = objects.largeParts(manifest);
  if (parts.length === 0) return;
  const files = await filesBelow(objects, entries);
  for (const { path, sha256, size } of parts) {
    const pointed = objects.pointer(files.get(path) ?? '');
    if (pointed?.sha256 !== sha256 || pointed.size !== size || named.has(sha256)) continue;
    named.set(sha256, { sha256, size, where: pathOf(where, path) });
  }
}

/** The id of every file of a folder, by its path. */
async function filesBelow(objects: Objects, entries: readonly TreeEntry[], prefix = ''): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const { name, oid, type } of entries) {
    if (type !== 'tree') files.set(prefix + name, oid);
    else
      for (const [path, file] of await filesBelow(objects, (await objects.tree(oid)) ?? [], `${prefix}${name}/`))
        files.set(path, file);
  }
  return files;
}

function pathOf(where: string, name: string): string {
  return where.endsWith(':') ? `${where}${name}` : `${where}/${name}`;
}
