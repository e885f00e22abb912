import type { Large } from '../../archive/lfs.ts';
import type { TreeEntry } from '../../git/tree-bytes.ts';
import type { Catalog } from './catalog.ts';
import { damage, notice, type Finding } from './finding.ts';
import type { Objects } from './objects.ts';
import type { Ahead, WalkState } from './state.ts';
import type { Turn } from './turn.ts';

/** What a walk needs besides its state. */
export interface WalkParts {
  objects: Objects;
  /** what was met is marked there */
  catalog: Catalog;
  /** the commit it began with */
  head: string;
  /** Hears of every Git LFS object that a backup.json of any commit names, with a place where it is named; of one perhaps more than once. */
  name: (large: Large, where: string) => Promise<void>;
}

/** Folders that are read at the same time. */
const atOnce = 32;

/**
 * Follows every commit and every folder from the branch to the first commit, newest first: every object must be there and
 * be what its id says. Stops when the turn is over; the state says then where to go on.
 */
export async function* walkHistory(parts: WalkParts, state: WalkState, turn: Turn): AsyncGenerator<Finding> {
  const { objects, catalog, head } = parts;
  for (let isFirst = true; isFirst || !turn.isOver(); isFirst = false) {
    tellMet(parts, state, turn);
    if (state.folders.length > 0) {
      yield* walkFolders(parts, state);
      continue;
    }
    const oid = state.commits.shift();
    if (oid === undefined) {
      state.isDone = true;
      return;
    }
    if (!catalog.meet(oid)) continue;
    state.counts.commits += 1;
    state.commit = oid;
    const commit = await objects.commit(oid);
    if (commit === undefined) {
      yield lost(oid, `The commit ${oid} is missing or damaged; what was before it cannot be reached.`, oid === head);
      continue;
    }
    state.folders.push([commit.tree, `commit ${oid.slice(0, 10)}:`, false]);
    state.commits.push(...commit.parents);
  }
}

function tellMet({ catalog }: WalkParts, { counts: { commits, trees, files } }: WalkState, turn: Turn): void {
  turn.tell({ phase: 'history', done: commits + trees + files, total: catalog.count, unit: 'objects' });
}

/** The next few folders. */
async function* walkFolders({ objects, catalog, head, name }: WalkParts, state: WalkState): AsyncGenerator<Finding> {
  const isLatest = state.commit === head;
  const next = state.folders.splice(-atOnce).reverse();
  // A member may have laid a copy of another item's folder beside an item: there it means nothing.
  const met = next.filter(([oid, , inItem]) => catalog.meet(oid, inItem));
  const read = await Promise.all(
    met.map(async ([oid, where, inItem]) => {
      const entries = await objects.tree(oid);
      const isItem = !inItem && entries?.some(({ name: file, type }) => file === 'backup.json' && type === 'blob');
      const large = entries && isItem ? await largeIn(objects, entries, where) : [];
      return { oid, where, entries, inItem: inItem || isItem === true, large };
    }),
  );
  const below: Ahead[] = [];
  for (const { oid, where, entries, inItem, large } of read) {
    state.counts.trees += 1;
    if (entries === undefined) yield lost(oid, `The folder ${oid} is missing or damaged (${where}).`, isLatest);
    for (const each of entries ?? []) {
      const path = pathOf(where, each.name);
      if (each.type === 'tree') {
        if (isRefused(each.name)) yield refusedByGit(path);
        below.push([each.oid, path, inItem]);
      } else if (each.type === 'blob' && catalog.meet(each.oid)) {
        state.counts.files += 1;
        if (!(await objects.has(each.oid)))
          yield lost(each.oid, `The file ${each.oid} is missing or damaged (${path}).`, isLatest);
      }
    }
    for (const { path, ...named } of large) await name(named, path);
  }
  state.folders.push(...below.reverse());
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
async function largeIn(objects: Objects, entries: readonly TreeEntry[], where: string) {
  const manifest = entries.find(({ name }) => name === 'backup.json')?.oid ?? '';
  const parts = await objects.largeParts(manifest);
  const files = parts.length === 0 ? new Map<string, string>() : await filesBelow(objects, entries);
  const large: (Large & { path: string })[] = [];
  for (const { path, sha256, size } of parts) {
    const file = files.get(path);
    const pointed = file === undefined ? undefined : await objects.pointer(file);
    if (pointed?.sha256 === sha256 && pointed.size === size) large.push({ sha256, size, path: pathOf(where, path) });
  }
  return large;
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
